#!/usr/bin/python3
"""Draws how the time of an iteration splits into computation and transmission: a bar for each algorithm. See README.md."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, write

with importing("time_split.py"):
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from analysis import figures
    from analysis.hdf5 import opened
    from analysis.labels import caption
    from analysis.measures import final
    from analysis.quantities import quantity
    from analysis.runs import Runs, add_run_options, chosen_runs, finished, note_what_is_averaged
    from analysis.traces import Trace, TraceError

TRANSMISSION, COMPUTATION = figures.COLOURS[0], figures.COLOURS[4]


@dataclass(frozen=True)
class Split:
    """Seconds per iteration, averaged over the run and its nodes."""

    computation: float
    transmission: float  # and waiting for slower nodes

    @property
    def total(self) -> float:
        return self.computation + self.transmission

    @staticmethod
    def of(trace: Trace) -> Split:
        iterations = final(trace, "iteration")
        if iterations == 0:
            raise TraceError(f"{trace.path}: has no iterations")
        computation = float(np.mean(computed(trace))) / iterations
        return Split(computation, max(final(trace, "time") / iterations - computation, 0.0))  # not below 0 by rounding

    @staticmethod
    def mean(runs: Runs) -> Split:
        splits = [Split.of(trace) for trace in runs]
        return Split(*(float(np.mean(part)) for part in zip(*((s.computation, s.transmission) for s in splits))))


def computed(trace: Trace) -> np.ndarray:
    """How long each node had computed at the end of the run, in seconds."""
    place, rows = "nodes/compute_time", len(trace.metrics["iteration"])
    with opened(trace.path) as file:
        if not file.has(place):
            raise file.fault(f"has no /{place}; run it with record.nodes: true")
        times = file.numbers(place, 2, slice(rows - 1, None))
        if len(times) != 1 or times.size == 0 or not (np.isfinite(times) & (times >= 0)).all():
            raise file.fault(f"/{place} is not a table of times, with {rows} rows and a column for each node")
    return times


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        figure = draw(finished("time_split.py", chosen_runs(options)), options)
        write(options.output, figures.render(figure, options.output))
        return 0

    return exit_code("time_split.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "time_split.py",
        usage="time_split.py TRACE... --bars PATH [--panel PATH] -o FIGURE.svg|png|pdf [options]",
        description="Draws the mean time of an iteration as bars: first transmission and waiting, then computation. A "
        "number says how much shorter a bar is than the longest one.",
        epilog="example\n  time_split.py out/figure6 --bars algorithm --panel problem -o figure6.svg",
    )
    add_run_options(parser)
    add = parser.add_argument
    add("--bars", required=True, metavar="PATH", help="a bar for each value of this parameter")
    add("--panel", metavar="PATH", help="a panel for each value of this parameter")
    figures.add_options(parser, "none")
    options = parser.parse_intermixed_args(arguments)
    figures.check_options("time_split.py", options)
    if options.bars == options.panel:
        raise InputError(f"time_split.py: --panel {options.panel}: already tells the bars apart")
    return options


def draw(runs: Runs, options: argparse.Namespace) -> Figure:
    panels = runs.groups([options.panel] if options.panel else [])
    bars = {key: those.groups([options.bars]) for key, those in panels.items()}
    note_what_is_averaged("time_split.py", (those for panel in bars.values() for those in panel.values()))
    most = max(map(len, bars.values()))
    # Each panel names its bars, which takes more room than panels that share an axis.
    width = figures.width_of(len(panels)) if len(panels) < 3 else 3.2 * len(panels)
    figure = figures.new(width, 0.19 * most + 0.75)
    for axes, (key, groups) in zip(figure.subplots(1, len(panels), squeeze=False)[0], bars.items()):
        splits = {caption(those[0], [options.bars]): Split.mean(those) for those in groups.values()}
        draw_panel(axes, splits, runs.meaning("time").unit)
        axes.set_title(caption(panels[key][0], [options.panel]) if key else "", parse_math=False)
    figures.set_title(figure, options.title, None)
    colours = {"transmission and waiting": TRANSMISSION, "computation": COMPUTATION}
    figures.lay_legend(figure, [Patch(color=colour) for colour in colours.values()], list(colours))
    return figure


def draw_panel(axes, splits: dict[str, Split], unit: str) -> None:
    longest = max(split.total for split in splits.values())
    unit, worth = quantity("time").scale(longest, unit)
    places = np.arange(len(splits))
    transmission = np.array([split.transmission for split in splits.values()]) / worth
    computation = np.array([split.computation for split in splits.values()]) / worth
    axes.barh(places, transmission, 0.72, color=TRANSMISSION)
    axes.barh(places, computation, 0.72, left=transmission, color=COMPUTATION)
    for place, split in zip(places, splits.values()):
        saved = 1 - split.total / longest if longest else 0
        if saved > 0.0005:  # it would read -0.0 %
            axes.annotate(f"−{100 * saved:.1f} %", (split.total / worth, place), (3, 0), textcoords="offset points",
                          va="center", size=7)
    figures.lay_axis(axes, "x", False, 0, 1.02 * longest / worth or 1)
    axes.set_xlabel(f"time of an iteration ({unit})", parse_math=False)
    axes.grid(False, axis="y")
    axes.set_yticks(places, list(splits), parse_math=False)
    axes.set_ylim(len(splits) - 0.4, -0.6)


if __name__ == "__main__":
    sys.exit(main())
