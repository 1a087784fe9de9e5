#!/usr/bin/python3
"""Draws results of runs against a parameter: accuracy against lambda, time against bandwidth. See README.md."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, names, say, write

with importing("against.py"):
    import numpy as np
    from matplotlib import ticker
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from analysis import figures
    from analysis.labels import caption, last_word, short
    from analysis.quantities import quantity
    from analysis.runs import Runs, add_run_options, chosen_runs, finished, note_what_is_averaged
    from analysis.targets import add_value_options, check_value_options, measured, measuring
    from analysis.typesetting import how_many
    from analysis.units import number

MOST_TICKS = 12


@dataclass(eq=False)
class Line:
    """A curve: for each value of the parameter, the runs to average."""

    label: str
    runs: dict[str, Runs]
    look: dict[str, object]


@dataclass(frozen=True)
class Scale:
    """The positions of the parameter's values: their numbers, or one after the other if they are not numbers.

    On a log scale, a zero (say lambda without regularization) is placed a decade below the others.
    """

    places: dict[str, float]
    is_log: bool
    is_number: bool = True
    has_zero: bool = False  # on a log scale

    @staticmethod
    def of(values: list[str]) -> Scale:
        numbers = [number(value) for value in values]
        if any(each is None or not math.isfinite(each) for each in numbers):
            return Scale({value: float(i) for i, value in enumerate(values)}, False, False)
        positive = [each for each in numbers if each > 0]
        is_log = min(numbers) >= 0 and len(positive) > 1 and max(positive) >= 10 * min(positive)
        if not is_log:
            return Scale(dict(zip(values, numbers)), False)
        has_zero = len(positive) < len(numbers)
        return Scale({value: each or min(positive) / 10 for value, each in zip(values, numbers)}, True, True, has_zero)


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        figure = draw(finished("against.py", chosen_runs(options)), options)
        write(options.output, figures.render(figure, options.output))
        return 0

    return exit_code("against.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "against.py",
        usage="against.py TRACE... --x PATH --y METRIC[,METRIC] -o FIGURE.svg|png|pdf [options]",
        description="Draws the final values of runs, or what they had spent when they reached a target, against a "
        "parameter. Points are means over seeds, with bars from the least to the greatest.",
        epilog="examples\n"
        "  against.py out/bandwidth --x network.bandwidth --y time --target grad_norm=0.01 --group algorithm -o time.svg\n"
        "  against.py out/figure5 --x algorithm.lambda --y sparsity,test_accuracy --group algorithm.step_size -o figure5.svg",
    )
    add_run_options(parser)
    add = parser.add_argument
    add("--x", required=True, metavar="PATH", help="the parameter on the horizontal axis")
    add("--y", required=True, type=names, metavar="METRIC[,METRIC]", help="what is drawn; a panel for each")
    help = "a curve for each value of these parameters; the first decides the colours"
    add("--group", type=names, default=[], metavar="PATH[,PATH]", help=help)
    add_value_options(parser)
    figures.add_options(parser, "the target")
    options = parser.parse_intermixed_args(arguments)
    figures.check_options("against.py", options)
    check_value_options("against.py", options)
    if options.x in options.group:
        raise InputError(f"against.py: --group {options.x}: is already the x axis")
    return options


def draw(runs: Runs, options: argparse.Namespace) -> Figure:
    lines = lines_of(runs, options)
    scale = Scale.of(runs.values(options.x))
    if scale.has_zero:
        say(f"against.py: note: {options.x} 0 is drawn a decade below the others, since a log axis has no 0")
    figure = figures.new(figures.width_of(len(options.y)), 2.55)
    for axes, y in zip(figure.subplots(1, len(options.y), squeeze=False)[0], options.y):
        draw_panel(axes, lines, scale, y, runs.meaning(y).unit, options)
    if options.target:
        options.target.note_early("against.py", runs)
    default = f"until {options.target} is reached" if options.target else f"at {options.at}" if options.at.budget else None
    figures.set_title(figure, options.title, default)
    handles = [Line2D([], [], **(line.look if scale.is_number else {**line.look, "linestyle": ""})) for line in lines]
    counts = [len(those) for line in lines for those in line.runs.values()]
    means = f"mean of {how_many(counts)} runs; bars: least to greatest" if max(counts) > 1 else None
    if options.group or means:
        figures.lay_legend(figure, handles, [line.label for line in lines], means)
    return figure


def lines_of(runs: Runs, options: argparse.Namespace) -> list[Line]:
    groups = runs.groups(options.group)
    lines = []
    for those, look in zip(groups.values(), figures.looks(list(groups) if options.group else [("",)])):
        label = caption(those[0], options.group) if options.group else "mean"
        lines.append(Line(label, {value: part for (value,), part in those.groups([options.x]).items()}, look))
    note_what_is_averaged("against.py", (part for line in lines for part in line.runs.values()))
    return lines


def draw_panel(axes, lines: list[Line], scale: Scale, y: str, unit: str, options: argparse.Namespace) -> None:
    points = {}  # for each line: x, mean, least, greatest
    cells = [(line, value) for line in lines for value in line.runs]
    known = dict(zip(cells, measuring(y, [line.runs[value] for line, value in cells])))
    for line in lines:
        rows, without = [], []
        for value in line.runs:
            found = [measured(trace, y, options) for trace in known[line, value]]
            if not found:
                without.append(value)
            elif all(map(math.isfinite, found)):
                rows.append((scale.places[value], math.fsum(found) / len(found), min(found), max(found)))
            else:
                why = "the target is not reached" if options.target else "a run diverged"
                say(f"against.py: note: {line.label}, {options.x} {value}: {why}; it has no point for {y}")
        if without:
            say(f"against.py: note: {line.label}, {options.x} {', '.join(without)}: has no {y}")
        points[line] = np.array(sorted(rows)).reshape(-1, 4).T
    every = np.concatenate([those[1:].ravel() for those in points.values()])
    if len(every) == 0:
        raise InputError(f"against.py: nothing to draw: no run has a finite {y}")
    what = quantity(y)
    is_spread = every.min() > 0 and every.max() >= 10 * every.min()
    log = every.min() > 0 and (what.as_y == "log" or (is_spread and (what.as_y == "spread" or what.is_budget)))
    low, high = figures.view([every], [], log, (None, None), 0.045, y)
    label, worth = what.axis(max(abs(low), abs(high)), unit, log)
    figures.lay_axis(axes, "y", log, low / worth, high / worth)
    figures.label_y(axes, label)
    lay_x(axes, scale, options.x)
    for line, (x, mean, least, greatest) in points.items():
        if len(x) == 0:
            continue
        bars = np.maximum([mean - least, greatest - mean], 0) / worth  # not below 0 by rounding
        look = line.look
        if not scale.is_number:  # side by side, without a line, since nothing lies between
            x = x + 0.5 * ((lines.index(line) + 0.5) / len(lines) - 0.5)
            look = {**look, "linestyle": ""}
        if bars.any():
            axes.errorbar(x, mean / worth, bars, fmt="none", ecolor=look["color"], elinewidth=0.9, capsize=2)
        axes.plot(x, mean / worth, **look)


def lay_x(axes, scale: Scale, path: str) -> None:
    places = list(scale.places.values())
    margin = 0.045 if scale.is_number else 0.5 / max(len(places) - 1, 1)
    low, high = figures.view([np.array(places)], [], scale.is_log, (None, None), margin, path)
    figures.lay_axis(axes, "x", scale.is_log, low, high)
    axes.set_xlabel(last_word(path))
    shown = np.log10(places) if scale.is_log else np.array(places)
    room = (shown.max() - shown.min()) / MOST_TICKS
    has_room = len(places) <= MOST_TICKS and np.diff(np.sort(shown)).min(initial=math.inf) >= room
    if has_room or scale.has_zero:  # otherwise the usual ticks, which would not include zero
        axes.xaxis.set_major_locator(ticker.FixedLocator(places))
        axes.xaxis.set_minor_locator(ticker.NullLocator())
        axes.xaxis.set_major_formatter(ticker.FixedFormatter([short(value) for value in scale.places]))
        letters = sum(map(len, scale.places))
        for text in axes.get_xticklabels():
            text.set_parse_math(False)
            if letters > 36:  # they would overlap
                text.set(rotation=30, ha="right", rotation_mode="anchor")


if __name__ == "__main__":
    sys.exit(main())
