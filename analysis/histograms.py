#!/usr/bin/python3
"""Draws how the coordinates of a recorded vector are distributed, iteration by iteration. See README.md."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, say, write

with importing("histograms.py"):
    import numpy as np
    from matplotlib import ticker
    from matplotlib.figure import Figure

    from analysis import figures
    from analysis.hdf5 import File, opened
    from analysis.runs import Runs, add_run_options, chosen_runs
    from analysis.traces import Trace

BINS = 120
MOST_ROWS = 12
MOST_PANELS = 6
OVERLAP = 2.2  # how high the highest curve is, in distances between two of them
KEPT = 0.99  # of the coordinates that a panel shows: a few far ones would flatten the others


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer's coordinates, or all of them, in each row."""

    name: str
    iterations: np.ndarray  # [row]
    values: np.ndarray  # [row, node and coordinate]


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        figure = draw(layers_of(chosen_runs(options), options), options)
        write(options.output, figures.render(figure, options.output))
        return 0

    return exit_code("histograms.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "histograms.py",
        usage="histograms.py TRACE --vector NAME [--layers NUMBER,...] -o FIGURE.svg|png|pdf [options]",
        description="Draws histograms of the coordinates of a vector that record.vectors keeps, one above the other: a "
        "row of the trace each, the first iteration at the bottom. Each is as high as its highest bin.",
        epilog="example\n  histograms.py out/alexnet.h5 --vector gradient --layers 2,22 -o histograms.svg",
    )
    add_run_options(parser)
    add = parser.add_argument
    add("--vector", required=True, metavar="NAME", help="one of the trace's /vectors")
    add("--layers", metavar="NUMBER,...", help="a panel for each of these layers, numbered from 0 (default: all of x in one)")
    figures.add_options(parser, "none")
    options = parser.parse_intermixed_args(arguments)
    figures.check_options("histograms.py", options)
    return options


def layers_of(runs: Runs, options: argparse.Namespace) -> list[Layer]:
    if len(runs) > 1:
        raise InputError(f"histograms.py: there are {len(runs)} runs; it draws one; choose it with --where")
    (trace,) = runs
    chosen = numbers_of(options.layers)
    with opened(trace.path) as file:
        vectors, iterations = vectors_of(file, trace, options.vector)
        if chosen is None:
            return [Layer(options.vector, iterations, vectors.reshape(len(vectors), -1))]
        sizes = sizes_of(file, vectors.shape[2])
    unknown = [number for number in chosen if number >= len(sizes)]
    if unknown:
        raise InputError(f"histograms.py: --layers {unknown[0]}: {trace.path} has layers 0 to {len(sizes) - 1}")
    ends = np.cumsum(sizes)
    panels = []
    for number in chosen:
        part = vectors[:, :, ends[number] - sizes[number] : ends[number]]
        panels.append(Layer(f"layer {number}, {sizes[number]:,} coordinates", iterations, part.reshape(len(part), -1)))
    return panels


def numbers_of(text: str | None) -> list[int] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts) or not 1 <= len(parts) <= MOST_PANELS:
        raise InputError(f"histograms.py: --layers {text}: it takes 1 to {MOST_PANELS} numbers from 0, such as 2,22")
    return [int(part) for part in parts]


def vectors_of(file: File, trace: Trace, name: str) -> tuple[np.ndarray, np.ndarray]:
    """[row, node, d] and the rows' iterations, without nodes that never have the vector and rows that lack it."""
    if not file.has(f"vectors/{name}"):
        known = ", ".join(file.names("vectors")) if file.has("vectors") else "none; run it with record.vectors"
        raise file.fault(f"has no /vectors/{name}; there are: {known}")
    vectors = file.numbers(f"vectors/{name}", 3)
    iterations = trace.metric("iteration")
    if len(vectors) != len(iterations):
        raise file.fault(f"/vectors/{name} has {len(vectors)} rows, /metrics {len(iterations)}")
    there = np.isfinite(vectors).all(axis=2)
    vectors = vectors[:, there.any(axis=0)]
    rows = there[:, there.any(axis=0)].all(axis=1) if vectors.size else np.zeros(len(vectors), bool)
    if not rows.any():
        raise file.fault(f"/vectors/{name} has no row in which it is finite")
    kept = np.flatnonzero(rows)
    if len(kept) > MOST_ROWS:
        say(f"histograms.py: note: {MOST_ROWS} of {len(kept)} rows are drawn")
        kept = kept[np.linspace(0, len(kept) - 1, MOST_ROWS).round().astype(int)]
    return vectors[kept], iterations[kept]


def sizes_of(file: File, d: int) -> np.ndarray:
    if not file.has("layers"):
        raise file.fault("has no /layers: its problem has none; leave out --layers")
    sizes = file.numbers("layers", 1)
    if sizes.dtype.kind != "i" or (sizes < 1).any() or sizes.sum() != d:
        raise file.fault(f"/layers are not the sizes of layers that have {d} coordinates together")
    return sizes


def draw(panels: list[Layer], options: argparse.Namespace) -> Figure:
    rows = len(panels[0].iterations)
    figure = figures.new(figures.width_of(len(panels)), 0.9 + 0.26 * (rows + OVERLAP))
    for axes, layer in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
        draw_panel(axes, layer, options.vector)
        axes.set_title(layer.name if options.layers else "", parse_math=False)
    figures.set_title(figure, options.title, None)
    return figure


def draw_panel(axes, layer: Layer, vector: str) -> None:
    reach = float(np.quantile(np.abs(layer.values), KEPT)) or 1.0
    edges = np.linspace(-reach, reach, BINS + 1)
    places = (edges[:-1] + edges[1:]) / 2
    for row in reversed(range(len(layer.values))):
        counts = np.histogram(layer.values[row], edges)[0]
        curve = row + OVERLAP * counts / max(counts.max(), 1)
        axes.fill_between(places, row, curve, color=figures.COLOURS[5], alpha=0.85, linewidth=0, zorder=2 - row / 1000)
        axes.plot(places, curve, color=figures.COLOURS[0], linewidth=0.7, zorder=2 - row / 1000)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-0.15, len(layer.values) - 1 + OVERLAP + 0.15)
    axes.set_yticks(range(len(layer.values)), [f"{t:g}" for t in layer.iterations], parse_math=False)
    axes.set_ylabel("iteration")
    axes.set_xlabel(vector, parse_math=False)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(5))
    axes.grid(False, axis="x")


if __name__ == "__main__":
    sys.exit(main())
