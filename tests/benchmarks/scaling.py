#!/usr/bin/python3
"""Draws what a message costs on rings of 10 to 10^6 nodes: scaling.py BENCHMARKS FIGURE.svg"""

import csv
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
from analysis import figures


def main(benchmarks: str, output: str) -> None:
    printed = subprocess.run([benchmarks, "scaling"], capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(printed.splitlines()))
    figure = figures.new(4.2, 2.8)
    axes = figure.subplots()
    looks = iter(figures.looks([("a",), ("b",), ("c",), ("d",)]))
    handles, labels = [], []
    for column, of in (("ns", "Gossamer"), ("bare_ns", "bare loop")):
        for ties, how in (("true", "equal times"), ("false", "jittered")):
            those = [row for row in rows if row["ties"] == ties]
            x, y = [int(row["nodes"]) for row in those], [float(row[column]) for row in those]
            handles += axes.plot(x, y, **next(looks))
            labels.append(f"{of}, {how}")
    axes.set(xscale="log", yscale="log", xlabel="nodes of the ring", ylabel="CPU time of a message (ns)")
    figures.lay_legend(figure, handles, labels)
    Path(output).write_bytes(figures.render(figure, Path(output)))


if __name__ == "__main__":
    main(*sys.argv[1:])
