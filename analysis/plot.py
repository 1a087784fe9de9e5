#!/usr/bin/python3
"""Draws traces: metrics against bits, simulated time, iterations or epochs, as in papers. See README.md."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, names, say, write

with importing("plot.py"):
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from analysis import figures, theory
    from analysis.curves import SMALLEST, Curve, Line, Points, curve_of, lines_of
    from analysis.figures import Ends
    from analysis.labels import caption
    from analysis.quantities import quantity
    from analysis.runs import Runs, add_run_options, chosen_runs
    from analysis.targets import Target
    from analysis.traces import LARGEST
    from analysis.typesetting import how_many, over_seeds, text_table

MOST_PANELS = 16
PARTS = 40  # of a panel's width; of a curve with more than four points in each, two remain
BANDS = {"minmax": "least to greatest", "std": "± standard deviation", "none": ""}


@dataclass(frozen=True)
class Panel:
    row: int
    column: int
    value: str  # of the --panel parameter; "" if there is none
    x: str
    y: str

    @property
    def x_axis(self) -> tuple[str, str]:
        return self.value, self.x

    def y_axis(self, own: bool) -> tuple[str, str]:
        """`own`: whether each value has its own range."""
        return self.value if own else "", self.y


@dataclass(frozen=True)
class Scene:
    """The curves of all panels, and the scales and units of the axes, which panels share."""

    curves: dict[Panel, list[Curve]]
    x_log: dict[tuple[str, str], bool]  # by the panels' value and x
    y_log: dict[str, bool]
    units: dict[str, str]  # of each metric

    def logs(self, panel: Panel) -> tuple[bool, bool]:
        return self.x_log[panel.x_axis], self.y_log[panel.y]

    def shown(self, panels: Iterable[Panel]) -> list[tuple[Curve, Points]]:
        """The curves of these panels, each with the points that the scales can show."""
        return [(curve, curve.on(*self.logs(panel))) for panel in panels for curve in self.curves[panel]]


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        figure, lines = draw(runs_of(options), options)
        reached = reached_table(lines, options)
        write(options.output, figures.render(figure, options.output))
        print(reached, end="")
        return 0

    return exit_code("plot.py", body)


# --- the command line ---


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "plot.py",
        usage="plot.py TRACE... --x METRIC[,METRIC] --y METRIC[,METRIC] -o FIGURE.svg|png|pdf [options]",
        description="Draws metrics of traces: a column of panels for each x, a row for each y, one legend. Runs that "
        "differ only in the seed are averaged: one curve with a band.",
        epilog=textwrap.dedent(
            """\
            metrics
              x: bits_per_node, bits, time, iteration, epoch, or any other metric of the traces
              y: test_accuracy, loss, grad_norm, suboptimality, consensus, ...
              a name that a trace lacks is an error that lists those it has

            scales
              y  log for grad_norm, suboptimality, consensus and compression_error;
                 log for losses that span a decade
              x  log for bits, time and gradients if the runs end a decade apart
                 (the initial point, at zero, is then left out)
              otherwise linear; --log and --linear set the scale of "x", "y" or single metrics

            examples
              plot.py out/*.h5 --x bits_per_node --y test_accuracy -o accuracy.pdf
              plot.py out/*.h5 --x epoch,bits,time --y grad_norm -o three_panels.svg
              plot.py out --x time --y test_accuracy --group algorithm --panel network.bandwidth -o bandwidths.pdf
              plot.py out --x bits,time --y test_accuracy --where topology=ring --target test_accuracy=0.8 -o ring.svg
              plot.py theory.h5 --x iteration --bound theorem_2 -o theorem_2.svg
              plot.py *.h5 --x time,bits --xlim 0:60,:1e9 --y suboptimality --ylim 1e-6: -o zoom.svg
            """
        ),
    )

    add = parser.add_argument
    metrics = {"type": names, "metavar": "METRIC[,METRIC]"}
    axes = {"type": names, "metavar": "AXES", "default": []}
    ranges = {"metavar": "LOW:HIGH[,...]", "default": ""}
    add("--x", required=True, **metrics, help="horizontal axis; several metrics: panels side by side")
    add("--y", **metrics, help="vertical axis; several metrics: rows of panels")
    help = "instead of --y: both sides of an inequality that a paper proves, or assumes, along each run"
    add("--bound", choices=theory.STATEMENTS, metavar="NAME", help=f"{help}: {', '.join(theory.STATEMENTS)}")
    add_run_options(parser)
    help = "a curve for each value of these parameters; the first decides the colours (default: a curve for each scenario)"
    add("--group", type=names, metavar="PATH[,PATH]", help=help)
    add("--panel", metavar="PATH", help="a panel for each value of this parameter")
    help = "what has a column for each, where the rest has rows: x (default), y, or panel"
    add("--across", choices=("x", "y", "panel"), help=help)
    add("--own-y", action="store_true", help="each value of --panel has its own range of y, as it has of x")
    help = "band around a mean: from the least to the greatest (default), or the standard deviation"
    add("--band", choices=BANDS, default="minmax", help=help)
    help = "draw a line at this value, and print the x at which each curve reaches it"
    add("--target", action="append", default=[], metavar="METRIC=VALUE", help=help)
    add("--log", **axes, help="log axes: x, y, or single metrics")
    add("--linear", **axes, help="linear axes: x, y, or single metrics")
    add("--xlim", **ranges, help="ranges of the metrics of --x, in bits, seconds or counts; an empty one is chosen")
    add("--ylim", **ranges, help="ranges of the metrics of --y (write --ylim=-1:1 if the first begins with a minus)")
    figures.add_options(parser, "the name that all traces share")
    options = parser.parse_intermixed_args(arguments)
    check(options)
    return options


def check(options: argparse.Namespace) -> None:
    """Refuses options that contradict each other, and reads ranges and targets."""
    figures.check_options("plot.py", options)
    if bool(options.y) == bool(options.bound):
        raise InputError("plot.py: takes either --y or --bound")
    if options.bound:
        options.y = [options.bound]
        if not {"y", options.bound} & {*options.linear}:
            options.log = [*options.log, options.bound]
    for axis in options.log + options.linear:
        if axis not in ["x", "y", *options.x, *options.y]:
            known = ", ".join(["x", "y", *options.x, *options.y])
            raise InputError(f"plot.py: --log, --linear: there is no axis '{axis}'; there are {known}")
        if axis in options.log and axis in options.linear:
            raise InputError(f"plot.py: '{axis}' is given to both --log and --linear")
    options.xlim = _limits("--xlim", options.xlim, options.x)
    options.ylim = _limits("--ylim", options.ylim, options.y)
    options.target = [Target.read(text) for text in options.target]
    for target in options.target:
        if target.metric not in options.y:
            raise InputError(f"plot.py: --target {target.metric}: is not drawn; --y has {', '.join(options.y)}")
    if options.panel and len(options.x) > 1 and len(options.y) > 1:
        raise InputError("plot.py: with several --x and several --y there is no room for --panel; give one of either")
    if not options.panel and (options.across == "panel" or options.own_y):
        option = "--own-y" if options.own_y else "--across panel"
        raise InputError(f"plot.py: {option}: there are no such panels; --panel PATH makes them")


def _limits(option: str, text: str, metrics: list[str]) -> dict[str, Ends]:
    parts = text.split(",") if text else []
    if len(parts) > len(metrics):
        counts = f"{len(parts)} ranges for {len(metrics)}"
        raise InputError(
            f"plot.py: {option} {text}: has {counts}; one LOW:HIGH for each of {', '.join(metrics)}"
        )
    limits = {metric: (None, None) for metric in metrics}
    for metric, part in zip(metrics, parts):
        if not part.strip():
            continue
        try:
            low, high = (float(end) if end.strip() else None for end in part.split(":"))
        except ValueError:
            raise InputError(f"plot.py: {option} {part}: is not LOW:HIGH, such as 0:100 or 1e-6:") from None
        if any(end is not None and not abs(end) <= LARGEST for end in (low, high)):
            raise InputError(f"plot.py: {option} {part}: ends must be finite")
        if low is not None and high is not None and not low < high:
            raise InputError(f"plot.py: {option} {part}: the low end must be below the high end")
        limits[metric] = (low, high)
    return limits


# --- scales ---


def is_log(axis: str, metric: str, curves: list[Curve], options: argparse.Namespace) -> bool:
    """Whether an axis is logarithmic: by --log and --linear, the metric before "x" or "y", or else as is usual."""
    columns = [curve.x if axis == "x" else curve.y for curve in curves]
    positive = np.concatenate([column[column >= SMALLEST] for column in columns])
    for name in (metric, axis):
        if name in options.linear:
            return False
        if name in options.log:
            if len(positive) == 0:
                raise InputError(f"plot.py: --log {name}: no value of {metric} is positive")
            return True
    low = getattr(options, axis + "lim")[metric][0]
    if len(positive) == 0 or (low is not None and low <= 0):
        return False
    what = quantity(metric)
    if axis == "y":
        is_spread = min(map(np.min, columns)) > 0 and positive.max() >= 10 * positive.min()
        return what.as_y == "log" or (what.as_y == "spread" and is_spread)
    # On a linear axis, a run that spends a tenth of the others' bits would be squeezed into the left tenth of the
    # panel. The span of the values cannot decide: any run of 1,000 records spans three decades.
    sound = [curve for curve in curves if not curve.is_cut] or curves
    whole = [c for c in sound if all(trace.status == "complete" for trace in c.runs)] or sound
    shortest, longest = min(curve.end for curve in whole), max(curve.end for curve in sound)
    return what.is_budget and shortest > 0 and longest >= 10 * shortest


# --- drawing ---


def runs_of(options: argparse.Namespace) -> Runs:
    runs = chosen_runs(options)
    return theory.runs_of_sides(runs, options.bound) if options.bound else runs


def draw(runs: Runs, options: argparse.Namespace) -> tuple[Figure, list[Line]]:
    lines, shared_name = lines_of(runs, options)
    scene = scene_of({panel: _curves(lines, panel, options) for panel in lay_panels(runs, options)}, runs, options)
    _note_what_is_left_out(scene)
    figure, grid, shares_x = lay_grid(list(scene.curves), options.own_y)
    x_units = {panel: lay_x(axes, panel, scene, shares_x, options) for panel, axes in grid.items()}
    y_units = {panel: lay_y(axes, panel, scene, options) for panel, axes in grid.items()}
    for panel, axes in grid.items():
        draw_panel(axes, panel, scene, lines, x_units[panel], y_units[panel], options)
    figures.set_title(figure, options.title, shared_name)
    handles = [Line2D([], [], **line.look) for line in lines]
    figures.lay_legend(figure, handles, [line.label for line in lines], _means_say(scene))
    return figure, lines


def scene_of(curves: dict[Panel, list[Curve]], runs: Runs, options: argparse.Namespace) -> Scene:
    """Chooses the scales of the axes."""
    by_x: dict[tuple[str, str], list[Curve]] = {}
    by_y: dict[str, list[Curve]] = {}
    for panel, those in curves.items():
        by_x.setdefault(panel.x_axis, []).extend(those)
        by_y.setdefault(panel.y, []).extend(those)
    # Where one panel needs a log x axis all panels have one, so that they compare; but not where all x are zero.
    logs = {x for (_, x), those in by_x.items() if is_log("x", x, those, options)}
    x_log = {axis: axis[1] in logs and any(curve.x.max() >= SMALLEST for curve in those) for axis, those in by_x.items()}
    y_log = {y: is_log("y", y, those, options) for y, those in by_y.items()}
    return Scene(curves, x_log, y_log, {metric: runs.meaning(metric).unit for metric in (*options.x, *options.y)})


def lay_grid(panels: list[Panel], own_y: bool) -> tuple[Figure, dict[Panel, Axes], bool]:
    """A figure, the axes of each panel, and whether the panels of a column share their x axis."""
    columns, rows = (1 + max(getattr(panel, way) for panel in panels) for way in ("column", "row"))
    figure = figures.new(figures.width_of(columns), (2.55 if columns == 1 else 2.35) * rows)
    shares_x = all(len({panel.x_axis for panel in panels if panel.column == i}) == 1 for i in range(columns))
    shares_y = all(len({panel.y_axis(own_y) for panel in panels if panel.row == i}) == 1 for i in range(rows))
    share = {"sharex": "col" if shares_x else False, "sharey": "row" if shares_y else False}
    grid = figure.subplots(rows, columns, squeeze=False, **share)
    used = {panel: grid[panel.row][panel.column] for panel in panels}
    for axes in {*grid.flat} - {*used.values()}:
        axes.remove()
    return figure, used, shares_x


def lay_x(axes: Axes, panel: Panel, scene: Scene, shares_x: bool, options: argparse.Namespace) -> float:
    """Lays out a panel's x axis; returns what one unit of it is worth."""
    log = scene.x_log[panel.x_axis]
    points = [points.x for _, points in scene.shown(p for p in scene.curves if p.x_axis == panel.x_axis)]
    low, high = figures.view(points, [], log, options.xlim[panel.x], 0.025, panel.x)
    what = quantity(panel.x)
    label, unit = what.axis(max(abs(low), abs(high)) / 1.025, scene.units[panel.x], log)
    figures.lay_axis(axes, "x", log, low / unit, high / unit, what.is_count and unit == 1)
    if not shares_x or panel.row == max(p.row for p in scene.curves):
        axes.set_xlabel(label)
    if panel.value and not any(p.value == panel.value for p in scene.curves if is_beside(p, panel, "column", "row")):
        axes.set_title(caption(scene.curves[panel][0].runs[0], [options.panel]), parse_math=False)
    return unit


def lay_y(axes: Axes, panel: Panel, scene: Scene, options: argparse.Namespace) -> float:
    """Lays out a panel's y axis; returns what one unit of it is worth."""
    y, log = panel.y, scene.y_log[panel.y]
    own = options.own_y
    shown = scene.shown(p for p in scene.curves if p.y_axis(own) == panel.y_axis(own))
    sound, cut = ([end for c, p in shown if c.is_cut == which for end in (p.low, p.high)] for which in (False, True))
    sound += [np.array([target.value]) for target in options.target if target.metric == y]
    low, high = figures.view(sound, cut, log, options.ylim[y], 0.045, y)
    label, unit = quantity(y).axis(max(abs(low), abs(high)), scene.units[y], log)
    figures.lay_axis(axes, "y", log, low / unit, high / unit)
    if not any(p.y == y for p in scene.curves if is_beside(p, panel, "row", "column")):
        figures.label_y(axes, label)
    return unit


def is_beside(panel: Panel, other: Panel, line: str, along: str) -> bool:
    """Whether a panel is left of the other ("row", "column"), or above it ("column", "row")."""
    return getattr(panel, line) == getattr(other, line) and getattr(panel, along) < getattr(other, along)


def draw_panel(
    axes: Axes, panel: Panel, scene: Scene, lines: list[Line], x_unit: float, y_unit: float, options: argparse.Namespace
) -> None:
    x_log, y_log = scene.logs(panel)
    if y_log and panel.x == options.x[0]:
        _note_lost_points(scene.curves[panel], panel.y)
    is_last = not any(p.row == panel.row and p.column > panel.column for p in scene.curves)
    for target in options.target:
        if target.metric == panel.y:
            _draw_target(axes, target.value / y_unit, is_last)
    for curve in scene.curves[panel]:
        _draw_curve(axes, curve, x_log, y_log, x_unit, y_unit, shift=lines.index(curve.line) / len(lines))


def lay_panels(runs: Runs, options: argparse.Namespace) -> list[Panel]:
    """A column for each x, or for what --across says, and rows for the rest. Panels of one x and one y fill a square."""
    values = runs.values(options.panel) if options.panel else [""]
    if len(values) > MOST_PANELS:
        many = f"{options.panel} has {len(values)} values"
        raise InputError(f"plot.py: --panel: {many}, more than {MOST_PANELS} panels; choose some with --where")
    if options.panel and not options.across and len(options.x) == len(options.y) == 1:
        columns = math.ceil(len(values) / math.ceil(len(values) / 4))  # at most four side by side
        return [Panel(i // columns, i % columns, value, options.x[0], options.y[0]) for i, value in enumerate(values)]
    across = options.across or ("panel" if options.panel and len(options.x) == 1 else "x")
    every = [{"panel": value, "x": x, "y": y} for value in values for y in options.y for x in options.x]
    columns = list(dict.fromkeys(each[across] for each in every))
    rests = [tuple(text for what, text in each.items() if what != across) for each in every]
    rows = list(dict.fromkeys(rests))
    return [
        Panel(rows.index(rest), columns.index(each[across]), each["panel"], each["x"], each["y"])
        for each, rest in zip(every, rests)
    ]


def _curves(lines: list[Line], panel: Panel, options: argparse.Namespace) -> list[Curve]:
    curves = [curve_of(line, panel.value, panel.x, panel.y, options.band) for line in lines if panel.value in line.runs]
    drawn = [curve for curve in curves if curve.parts]
    if not drawn:
        raise InputError(f"plot.py: nothing to draw: no trace has a row with both {panel.x} and {panel.y}")
    for curve in curves if panel.x == options.x[0] else []:
        for trace in curve.line.runs[panel.value]:
            if trace not in curve.runs:
                say(f"plot.py: note: {trace.path}: has no value of {panel.y}, so it has no curve there")
        ends = [x.max() for x, _ in curve.parts]
        if ends and min(ends) < 0.95 * max(ends):
            shortest = curve.runs[ends.index(min(ends))].path
            say(f"plot.py: note: {curve.line.label}: the mean ends where {shortest} does; other runs go on")
    return drawn


def _note_what_is_left_out(scene: Scene) -> None:
    alone = [
        (curve.line, panel.value, panel.x, curve.is_cut)
        for panel, curves in scene.curves.items()
        for curve in curves
        if curve.is_left_out(scene.x_log[panel.x_axis])
    ]
    for line, value, x, is_cut in dict.fromkeys(alone):
        left_out = f"has only its initial point, which the log axis of {x} leaves out"
        cross = "; its × stands at the left edge" if is_cut else ""
        say(f"plot.py: note: {line.runs[value][0].path}: {left_out}{cross}")


def _note_lost_points(curves: list[Curve], y: str) -> None:
    for curve in curves:
        for trace, (_, values) in zip(curve.runs, curve.parts):
            lost = int(np.count_nonzero(values[1:] < SMALLEST))  # a zero at the initial point says nothing
            if lost:
                what = f"{trace.path}: {lost} values of {y} are not positive"
                say(f"plot.py: note: {what}, so its log axis leaves them out; --linear {y} shows them")


def _means_say(scene: Scene) -> str | None:
    """What the means and bands of the figure are; None if it has none."""
    means = [curve for curves in scene.curves.values() for curve in curves if len(curve.parts) > 1]
    if not means:
        return None
    many = how_many([len(curve.parts) for curve in means])
    what = "seeds" if all(set(curve.runs.differing()) <= {"seed"} for curve in means) else "runs"
    logs = scene.y_log.values()
    kind = "geometric mean" if all(logs) else "mean"
    other = ", geometric on log axes" if any(logs) and not all(logs) else ""
    band = BANDS[means[0].band]
    return f"{kind} of {many} {what}{other}" + (f"; band: {band}" if band else "")


def _draw_target(axes: Axes, value: float, is_last: bool) -> None:
    axes.axhline(value, color="#444444", linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=1.5)
    if is_last:
        place = {"xy": (1, value), "xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        axes.annotate(f"{value:g}", xytext=(3, 0), va="center", fontsize=7.5, color="#444444", **place)


def _draw_curve(axes: Axes, curve: Curve, x_log: bool, y_log: bool, x_unit: float, y_unit: float, shift: float) -> None:
    points = curve.on(x_log, y_log)
    x, y = points.x / x_unit, points.y / y_unit
    line = curve.line
    place = np.log10 if x_log else np.asarray  # positions as the panel shows them
    if len(curve.parts) > 1 and curve.band != "none":
        low, high = points.low / y_unit, points.high / y_unit
        axes.fill_between(x, low, high, color=line.look["color"], alpha=0.2, linewidth=0)
    seen = telling_points(place(x), y, *place(axes.get_xlim()))
    axes.plot(x[seen], y[seen], markevery=markers(place(x[seen]), *place(axes.get_xlim()), shift), **line.look)
    if curve.is_cut:
        if curve.is_left_out(x_log):  # its only point lies beyond the left edge
            end = (axes.get_xlim()[0], float(np.clip(curve.y[-1] / y_unit, *axes.get_ylim())))
        else:
            end = last_in_view(x, y, axes.get_xlim(), axes.get_ylim(), y_log)
        if end:
            for colour, width, size in (("white", 3.2, 8.0), (line.look["color"], 1.8, 7.0)):
                cross = {"linestyle": "", "marker": "x", "markersize": size, "markeredgewidth": width}
                axes.plot(*end, **cross, color=colour, clip_on=False, zorder=5)


def telling_points(x: np.ndarray, y: np.ndarray, low: float, high: float) -> np.ndarray:
    """Which points of a long curve to draw: in each part of the panel's width the least and the greatest, so that the eye
    sees the same and the file stays small. Its ends, the edges of gaps and a curve with few points stay as they are.
    """
    every = np.arange(len(x))
    if len(x) <= 4 * PARTS or (np.diff(x) < 0).any() or not low < high:
        return every
    parts = np.floor(PARTS * (x - low) / (high - low))
    first = np.searchsorted(x, low) - 1
    last = np.searchsorted(x, high, "right")
    is_gap = np.isnan(y)
    kept = {0, len(x) - 1, *np.flatnonzero(np.diff(is_gap)), *(np.flatnonzero(np.diff(is_gap)) + 1)}
    kept |= {int(i) for i in (first, last) if 0 <= i < len(x)}
    for part in np.unique(parts[(every > first) & (every < last) & ~is_gap]):
        here = every[(parts == part) & ~is_gap]
        kept |= {here[np.argmin(y[here])], here[np.argmax(y[here])]}
    return np.array(sorted(kept))


def markers(x: np.ndarray, low: float, high: float, shift: float) -> list[int]:
    """Ten points, evenly spaced along the visible part of a curve. `shift` separates those of curves that coincide."""
    seen = np.flatnonzero((x >= low) & (x <= high))
    if len(seen) <= 10:
        return seen.tolist()
    first, last = x[seen].min(), x[seen].max()
    places = first + (last - first) * (np.arange(10) + 0.2 + 0.8 * shift) / 10
    return sorted({int(seen[np.argmin(np.abs(x[seen] - place))]) for place in places})


def last_in_view(x: np.ndarray, y: np.ndarray, xlim, ylim, y_log: bool) -> tuple[float, float] | None:
    """Where a curve ends for the eye: at its last point, or where it leaves through the upper or lower edge for good."""
    known = np.flatnonzero(np.isfinite(y))
    x, y = x[known], y[known]
    inside = np.flatnonzero((y >= ylim[0]) & (y <= ylim[1]))
    if len(inside) == 0:
        return None
    k = int(inside[-1])
    place = x[k], y[k]
    if k + 1 < len(x):
        height = np.log10 if y_log else float
        edge = ylim[1] if y[k + 1] > ylim[1] else ylim[0]
        part = (height(edge) - height(y[k])) / (height(y[k + 1]) - height(y[k]))
        place = x[k] + part * (x[k + 1] - x[k]), edge
    return (float(place[0]), float(place[1])) if xlim[0] <= place[0] <= xlim[1] else None


def reached_table(lines: list[Line], options: argparse.Namespace) -> str:
    """For each target and curve, the x of the first recorded row that is at least as good."""
    xs = [x for x in options.x if quantity(x).is_counted]
    tables = []
    for target in options.target:
        parts = [(line, value, runs) for line in lines for value, runs in line.runs.items()]
        spent = {x: [[target.spent(trace, x) for trace in runs] for *_, runs in parts] for x in xs}
        every = Runs(trace for *_, runs in parts for trace in runs)
        target.note_early("plot.py", every)
        columns = [over_seeds(x, every.meaning(x).unit, spent[x]) for x in xs]
        head = [str(target), *([options.panel] if options.panel else []), *(head for head, _ in columns)]
        told = [[line.label, *([value] if options.panel else [])] for line, value, _ in parts]
        rows = [[*those, *cells] for those, *cells in zip(told, *(cells for _, cells in columns))]
        tables.append(text_table(head, rows))
    return "\n".join(tables)


if __name__ == "__main__":
    sys.exit(main())
