#!/usr/bin/python3
"""Draws traces: metrics against bits, simulated time, iterations or epochs, as papers do. See README.md."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a file: what is imported is the package that this file lies in
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import io
import math
import textwrap
from dataclasses import dataclass

try:
    import matplotlib
    import numpy as np
    from matplotlib import ticker
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.mathtext import MathTextParser

    from analysis.command import InputError, Parser, exit_code, say, write
    from analysis.labels import labels_of, unsaid_differences
    from analysis.quantities import quantity
    from analysis.traces import Trace, load
except ImportError as missing:
    needed = "python3-numpy, python3-h5py, python3-matplotlib, python3-yaml"
    print(f"plot.py: {missing}; install Debian's {needed}", file=sys.stderr)
    sys.exit(2)

ENDINGS = ("svg", "png", "pdf")

# Okabe and Ito's palette without its yellow, which is lost on paper. With the line styles, 28 curves differ.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", (0, (5, 1.6)), (0, (5, 1.4, 1.2, 1.4)), (0, (1.3, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "p", "<", ">", "h")  # no ×: it marks where a run diverged

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same figure on every machine
    "mathtext.fontset": "dejavusans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "figure.titlesize": 9.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.2,
    "savefig.dpi": 250,
    "svg.hashsalt": "gossamer",  # names inside the file do not change from run to run
    "svg.fonttype": "path",  # the same letters in every viewer
    "pdf.fonttype": 42,  # publishers refuse Type 3
}

# A number whose square is not finite is divergence, too; axes could not be laid out around it.
LARGEST, SMALLEST = 1e150, 1e-150

Ends = tuple[float | None, float | None]  # of an axis; None: automatic


@dataclass(eq=False)
class Run:
    """A trace, and how all panels show it."""

    trace: Trace
    label: str
    colour: str
    line: object
    marker: str

    @property
    def look(self) -> dict[str, object]:
        edge = {"markeredgecolor": "white", "markeredgewidth": 0.5}
        return {"color": self.colour, "linestyle": self.line, "marker": self.marker, **edge}


@dataclass(eq=False)
class Curve:
    """One run in one panel, in the trace's units, before a scale is chosen."""

    run: Run
    x: np.ndarray
    y: np.ndarray
    is_cut: bool  # ends where the run ceased to be finite

    def on(self, x_log: bool, y_log: bool) -> tuple[np.ndarray, np.ndarray]:
        """The points that these scales can show.

        The initial point (0 bits, 0 s) has no place on a log x axis: it is left out, rather than put on a
        symlog axis, whose linear part would show a decade that no run went through. A y of zero leaves a gap.
        """
        keep = self.x >= SMALLEST if x_log else np.full(len(self.x), True)
        x, y = self.x[keep], self.y[keep]
        return x, np.where(y >= SMALLEST, y, np.nan) if y_log else y

    def is_left_out(self, x_log: bool) -> bool:
        """Whether a log x axis can show none of its points: it has no other than the initial one."""
        return x_log and not (self.x >= SMALLEST).any()


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        traces = [load(path) for path in options.traces]
        write(options.output, render(draw(traces, options), options.output))
        return 0

    return exit_code("plot.py", body)


# --- the command line ---


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "plot.py",
        usage="plot.py TRACE... --x METRIC[,METRIC] --y METRIC[,METRIC] -o FIGURE.svg|png|pdf [options]",
        description="Draws metrics of traces: a column of panels for each x, a row for each y, one legend.",
        epilog=textwrap.dedent(
            """\
            metrics
              x: bits_per_node, bits, time, iteration, epoch, or any other that the traces have
              y: test_accuracy, loss, grad_norm, suboptimality, consensus, ...
              an unknown one lists those that there are

            scales
              y  log for grad_norm, suboptimality, consensus and compression_error;
                 log for losses where they span a decade
              x  log for bits, time and gradients where the runs end a decade apart
                 (the initial point, at zero, is then left out)
              else linear; --log and --linear decide for "x", "y" or single metrics

            examples
              plot.py out/*.h5 --x bits_per_node --y test_accuracy -o accuracy.pdf
              plot.py out/*.h5 --x epoch,bits,time --y grad_norm -o three_panels.svg
              plot.py *.h5 --x bits,time --y loss,test_accuracy --title 'Ring, $n = 20$' -o both.png
              plot.py *.h5 --x time,bits --xlim 0:60,:1e9 --y suboptimality --ylim 1e-6: -o zoom.svg
            """
        ),
    )

    def add(*names: str, **properties) -> None:
        parser.add_argument(*names, **properties)

    metrics = {"type": _names, "metavar": "METRIC[,METRIC]"}
    axes = {"type": _names, "metavar": "AXES", "default": []}
    ranges = {"metavar": "LOW:HIGH[,...]", "default": ""}
    add("traces", nargs="+", metavar="TRACE", help="HDF5 files that 'gossamer run -o' wrote")
    add(
        "--x",
        required=True,
        **metrics,
        help="what the curves are drawn against; several: panels side by side",
    )
    add("--y", required=True, **metrics, help="what is drawn; several: rows of panels")
    add("-o", "--output", required=True, type=Path, metavar="FIGURE", help="ends in .svg, .png or .pdf")
    add("--log", **axes, help="log axes: x, y, or metrics")
    add("--linear", **axes, help="linear axes: x, y, or metrics")
    add("--xlim", **ranges, help="x axes in bits, seconds or counts, one range per panel; empty: automatic")
    add("--ylim", **ranges, help="y axes, one range per row (--ylim=-1:1 where it begins with a minus)")
    add(
        "--title", metavar="TEXT", help="$math$ allowed; default: the name that all traces share; '' for none"
    )
    options = parser.parse_intermixed_args(arguments)

    ending = options.output.suffix.lstrip(".").lower()
    if ending not in ENDINGS:
        known = ", ".join("." + known for known in ENDINGS)
        raise InputError(f"{options.output}: unknown ending '{ending}'; a figure is one of {known}")
    for axis in options.log + options.linear:
        if axis not in ["x", "y", *options.x, *options.y]:
            known = ", ".join(["x", "y", *options.x, *options.y])
            raise InputError(f"plot.py: --log, --linear: there is no axis '{axis}'; there are {known}")
        if axis in options.log and axis in options.linear:
            raise InputError(f"plot.py: '{axis}' is asked to be both --log and --linear")
    options.xlim = _limits("--xlim", options.xlim, options.x)
    options.ylim = _limits("--ylim", options.ylim, options.y)
    return options


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names) or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of different names such as epoch,bits,time")
    return names


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


# --- curves and scales ---


def runs_of(traces: list[Trace]) -> tuple[list[Run], str | None]:
    labels, shared_name = labels_of(traces)
    runs = []
    for i, (trace, label) in enumerate(zip(traces, labels)):
        if trace.status == "diverged":
            at = "" if trace.diverged_at is None else f" at iteration {trace.diverged_at}"
            label += f" (diverged{at})"
        elif trace.status != "complete":
            label += " (partial)"
            if trace.status == "failed":
                say(f"plot.py: note: {trace.path}: the run failed; what it wrote until then is drawn")
        runs.append(
            Run(trace, label, COLOURS[i % len(COLOURS)], LINES[i % len(LINES)], MARKERS[i % len(MARKERS)])
        )
    return runs, shared_name


def curve_of(run: Run, x_name: str, y_name: str) -> Curve:
    """Rows that were not evaluated (NaN) are skipped; the curve ends before the first infinite value."""
    x, y = run.trace.metric(x_name), run.trace.metric(y_name)
    infinite = np.abs(y) > LARGEST  # false for NaN
    if infinite.any():
        first = int(np.argmax(infinite))
        x, y = x[:first], y[:first]
    keep = ~np.isnan(y) & (np.abs(x) <= LARGEST)
    return Curve(run, x[keep], y[keep], run.trace.status == "diverged" or bool(infinite.any()))


def is_log(axis: str, metric: str, curves: list[Curve], options: argparse.Namespace) -> bool:
    """--log and --linear decide, a metric's own name before "x" and "y"; then the habits of the field."""
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
    # On a linear axis a run that spends a tenth of the others' bits would be squeezed into the left tenth of
    # the panel. The span of the values would say nothing: any run of 1,000 records spans three decades.
    sound = [curve for curve in curves if not curve.is_cut] or curves
    whole = [curve for curve in sound if curve.run.trace.status == "complete"] or sound
    shortest, longest = min(curve.x.max() for curve in whole), max(curve.x.max() for curve in sound)
    return what.is_budget and shortest > 0 and longest >= 10 * shortest


def view(
    points: list[np.ndarray], cut: list[np.ndarray], log: bool, ends: Ends, margin: float, what: str
) -> tuple[float, float]:
    """The ends of an axis: all `points` are shown, of diverged runs' (`cut`) what does not flatten those."""

    def span(columns: list[np.ndarray]) -> tuple[float, float] | None:
        values = np.concatenate([np.empty(0), *columns])
        values = values[np.isfinite(values)]
        if len(values) == 0:
            return None
        low, high = float(values.min()), float(values.max())
        return (math.log10(low), math.log10(high)) if log else (low, high)

    sound, wild = span(points), span(cut)
    low, high = sound or wild or (0.0, 1.0)
    if sound and wild:
        room = 0.35 * (high - low if high > low else 1.0)
        low, high = min(low, max(wild[0], low - room)), max(high, min(wild[1], high + room))
    if high > low:
        pad = margin * (high - low)
    else:
        pad = 0.5 if log else (0.05 * abs(low) or 1.0)
    low, high = low - pad, high + pad
    if log:
        low, high = 10.0 ** max(low, -160.0), 10.0 ** min(high, 160.0)
    low, high = (given if given is not None else automatic for given, automatic in zip(ends, (low, high)))
    if log and low <= 0:
        hint = f"give a positive end or --linear {what}"
        raise InputError(f"plot.py: the log axis of {what} cannot begin at {low:g}; {hint}")
    if not low < high:
        raise InputError(f"plot.py: no point of {what} lies between the given ends of its axis")
    return low, high


# --- drawing ---


def draw(traces: list[Trace], options: argparse.Namespace) -> Figure:
    runs, shared_name = runs_of(traces)
    unsaid = unsaid_differences(traces, [run.label for run in runs])
    if unsaid:
        say(f"plot.py: note: the legend does not say that the runs differ in {unsaid}")
    curves = {(x, y): [curve_of(run, x, y) for run in runs] for y in options.y for x in options.x}
    for y in options.y:
        for x in options.x:
            drawn = [curve for curve in curves[x, y] if len(curve.x)]
            if not drawn:
                raise InputError(f"plot.py: nothing to draw: no trace has a row with both {x} and {y}")
            for curve in curves[x, y]:
                if not len(curve.x) and x == options.x[0]:
                    say(f"plot.py: note: {curve.run.trace.path}: has no value of {y}; it has no curve there")
            curves[x, y] = drawn
    x_log = {x: is_log("x", x, [c for y in options.y for c in curves[x, y]], options) for x in options.x}
    y_log = {y: is_log("y", y, [c for x in options.x for c in curves[x, y]], options) for y in options.y}
    for x in options.x:
        alone = [c for y in options.y for c in curves[x, y] if c.is_left_out(x_log[x])]
        for run, is_cut in dict.fromkeys((curve.run, curve.is_cut) for curve in alone):
            left_out = f"has only its initial point, which the log axis of {x} leaves out"
            cross = "; its × stands at the left edge" if is_cut else ""
            say(f"plot.py: note: {run.trace.path}: {left_out}{cross}")

    matplotlib.rcdefaults()  # a figure does not depend on who draws it
    matplotlib.rcParams.update(STYLE)
    columns, rows = len(options.x), len(options.y)
    width = {1: 4.2, 2: 6.75}.get(columns, 2.55 * columns + 0.3)
    figure = Figure(figsize=(width, (2.55 if columns == 1 else 2.35) * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharex="col", sharey="row", squeeze=False)

    units = {}
    for column, x in enumerate(options.x):
        points = [c.on(x_log[x], y_log[y])[0] for y in options.y for c in curves[x, y]]
        low, high = view(points, [], x_log[x], options.xlim[x], 0.025, x)
        label, units[x] = quantity(x).axis(max(abs(low), abs(high)) / 1.025, x_log[x])
        is_whole = quantity(x).is_count and units[x] == 1
        _lay_axis(panels[0][column], "x", x_log[x], low / units[x], high / units[x], is_whole)
        panels[-1][column].set_xlabel(label)
    for row, y in enumerate(options.y):
        shown = [(c.is_cut, c.on(x_log[x], y_log[y])[1]) for x in options.x for c in curves[x, y]]
        sound, cut = ([points for is_cut, points in shown if is_cut == which] for which in (False, True))
        low, high = view(sound, cut, y_log[y], options.ylim[y], 0.045, y)
        label, unit = quantity(y).axis(max(abs(low), abs(high)), y_log[y])
        units[y] = unit
        _lay_axis(panels[row][0], "y", y_log[y], low / unit, high / unit)
        panels[row][0].set_ylabel(label)
        for curve in curves[options.x[0], y] if y_log[y] else []:
            lost = int(np.count_nonzero(curve.y[1:] < SMALLEST))  # at the initial point a zero says nothing
            if lost:
                where = f"{curve.run.trace.path}: {lost} values of {y} are not positive and"
                say(f"plot.py: note: {where} not on its log axis; --linear {y} shows them")
    for row, y in enumerate(options.y):
        for column, x in enumerate(options.x):
            for curve in curves[x, y]:
                shift = runs.index(curve.run) / len(runs)
                _draw_curve(panels[row][column], curve, x_log[x], y_log[y], units[x], units[y], shift)

    title = shared_name if options.title is None else options.title
    if title:
        if options.title:  # one's own words, mathematics included; a name is literal
            _check_math(title)
            figure.suptitle(title)
        else:
            figure.suptitle("\n".join(textwrap.wrap(title, int(15 * width))), parse_math=False)
    _lay_legend(figure, runs)
    return figure


def render(figure: Figure, path: Path) -> bytes:
    picture = io.BytesIO()
    ending = path.suffix.lstrip(".").lower()
    # No dates: the same traces give the same bytes.
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    figure.savefig(picture, format=ending, metadata=dates[ending])
    return picture.getvalue()


def _draw_curve(panel, curve: Curve, x_log, y_log, x_unit: float, y_unit: float, shift: float) -> None:
    x, y = curve.on(x_log, y_log)
    x, y = x / x_unit, y / y_unit
    run = curve.run
    place = np.log10 if x_log else np.asarray  # as the panel shows it
    panel.plot(x, y, markevery=markers(place(x), *place(panel.get_xlim()), shift), **run.look)
    if curve.is_cut:
        if curve.is_left_out(x_log):  # its initial point lies beyond the left edge
            end = (panel.get_xlim()[0], float(np.clip(curve.y[-1] / y_unit, *panel.get_ylim())))
        else:
            end = last_in_view(x, y, panel.get_xlim(), panel.get_ylim(), y_log)
        if end:
            for colour, width, size in (("white", 3.2, 8.0), (run.colour, 1.8, 7.0)):
                cross = {"linestyle": "", "marker": "x", "markersize": size, "markeredgewidth": width}
                panel.plot(*end, **cross, color=colour, clip_on=False, zorder=5)


def markers(x: np.ndarray, low: float, high: float, shift: float) -> list[int]:
    """Ten points evenly spaced along what is seen of a curve; `shift` parts those of curves that coincide."""
    seen = np.flatnonzero((x >= low) & (x <= high))
    if len(seen) <= 10:
        return seen.tolist()
    first, last = x[seen].min(), x[seen].max()
    places = first + (last - first) * (np.arange(10) + 0.2 + 0.8 * shift) / 10
    return sorted({int(seen[np.argmin(np.abs(x[seen] - place))]) for place in places})


def last_in_view(x: np.ndarray, y: np.ndarray, xlim, ylim, y_log: bool) -> tuple[float, float] | None:
    """Where a curve is last seen: its last point, or where it crosses the upper or lower edge for good."""
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


def _lay_axis(panel, axis: str, log: bool, low: float, high: float, whole_numbers: bool = False) -> None:
    if axis == "x":
        ticks = panel.xaxis
        panel.set_xscale("log" if log else "linear")
        panel.set_xlim(low, high)
    else:
        ticks = panel.yaxis
        panel.set_yscale("log" if log else "linear")
        panel.set_ylim(low, high)
    if not log:
        integer = whole_numbers and high - low > 4
        most = 7 if axis == "x" else 6
        ticks.set_major_locator(ticker.MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=integer))
        return
    decades = math.log10(high / low)
    ticks.set_minor_formatter(ticker.NullFormatter())
    if decades >= 2:  # powers of ten, as many as have room, 10⁰ among them
        step = next(step for step in (1, 2, 3, 4, 5, 10, 20, 50, 100) if decades / step <= 6)
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        ticks.set_major_locator(ticker.FixedLocator([10.0**k for k in powers if k % step == 0]))
        if step == 1:
            ticks.set_minor_locator(ticker.LogLocator(subs=range(2, 10), numticks=12))
        else:
            ticks.set_minor_locator(
                ticker.FixedLocator([10.0**k for k in powers if step <= 5 or k % 10 == 0])
            )
    elif decades >= 0.7:  # too few powers to read by
        ticks.set_major_locator(ticker.LogLocator(subs=(1, 2, 5), numticks=12))
        if low >= 0.01 and high < 10000:
            ticks.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        else:
            ticks.set_major_formatter(
                ticker.LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=(99, 99))
            )
    else:
        ticks.set_major_locator(ticker.MaxNLocator(5))
        ticks.set_major_formatter(ticker.ScalarFormatter())


def _lay_legend(figure: Figure, runs: list[Run]) -> None:
    """One legend for all panels, below them, where it covers no curve, in as few lines as fit."""
    width, height = figure.get_size_inches()
    handles = [Line2D([], [], **run.look) for run in runs]
    numbers = [str(i) for i in range(len(runs))]
    layout = {"frameon": False, "handlelength": 2.6, "columnspacing": 1.6, "borderaxespad": 0.2}
    renderer = FigureCanvasAgg(figure).get_renderer()
    for lines in range(1, len(runs) + 1):
        columns = math.ceil(len(runs) / lines)
        if math.ceil(len(runs) / columns) < lines:
            continue
        # Labels are set afterwards: matplotlib drops those that begin with "_" and reads "$" as mathematics.
        legend = figure.legend(handles, numbers, loc="lower center", ncol=columns, **layout)
        for text, run in zip(legend.get_texts(), runs):
            text.set_parse_math(False)
            text.set_text(run.label if columns > 1 else "\n".join(textwrap.wrap(run.label, int(13 * width))))
        box = legend.get_window_extent(renderer)
        if box.width / figure.dpi <= width or columns == 1:
            break
        legend.remove()
    extra = box.height / figure.dpi
    figure.set_size_inches(width, height + extra)
    figure.get_layout_engine().set(rect=(0, extra / (height + extra), 1, height / (height + extra)))


def _check_math(title: str) -> None:
    try:
        MathTextParser("path").parse(title)
    except ValueError as error:
        reason = str(error).splitlines()[-1]
        raise InputError(f"plot.py: --title: cannot be read: {reason}; a plain dollar is \\$") from None



if __name__ == "__main__":
    sys.exit(main())
