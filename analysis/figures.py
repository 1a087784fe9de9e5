"""What all figures share: their style, the options for the output, and the same bytes for the same traces."""

from __future__ import annotations

import argparse
import io
import math
import re
import textwrap
from collections import Counter
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import ticker
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from analysis.command import InputError, Parser

ENDINGS = ("svg", "png", "pdf")

# Okabe and Ito's palette without its yellow, which is lost on paper. With the line styles, 28 curves differ.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", (0, (5, 1.6)), (0, (5, 1.4, 1.2, 1.4)), (0, (1.3, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "p", "<", ">", "h")  # no ×: it marks where a run diverged

Ends = tuple[float | None, float | None]  # of an axis; None: automatic

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same figure on every machine
    "mathtext.fontset": "dejavusans",
    "font.size": 8.5,
    "axes.titlesize": 8.5,
    "figure.titlesize": 9.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 8.5,
    "legend.title_fontsize": 7.5,
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


def add_options(parser: Parser, title: str) -> None:
    """`title`: a description of the default title; "none" if there is none."""
    add = parser.add_argument
    add("-o", "--output", required=True, type=Path, metavar="FIGURE", help="ends in .svg, .png or .pdf")
    help = "above the figure; may have $math$"
    if title != "none":
        help += f" (default: {title}; '' for none)"
    add("--title", metavar="TEXT", help=help)


def check_options(program: str, options: argparse.Namespace) -> None:
    ending = _ending(options.output)
    if ending not in ENDINGS:
        known = ", ".join(f".{ending}" for ending in ENDINGS)
        raise InputError(f"{options.output}: unknown ending '{ending}'; a figure ends in one of {known}")
    try:
        MathTextParser("path").parse(options.title or "")
    except ValueError as error:
        reason = str(error).splitlines()[-1]
        raise InputError(f"{program}: --title: cannot be read: {reason}; write \\$ for a dollar sign") from None


def new(width: float, height: float) -> Figure:
    matplotlib.rcdefaults()  # the figure does not depend on the user's settings
    matplotlib.rcParams.update(STYLE)
    return Figure(figsize=(width, height), layout="constrained")


def set_title(figure: Figure, given: str | None, otherwise: str | None) -> None:
    """Sets the user's title, which may have $math$, or else a name, which is taken literally."""
    if given:
        figure.suptitle(given)
    elif given is None and otherwise:
        width = int(15 * figure.get_size_inches()[0])
        figure.suptitle("\n".join(textwrap.wrap(otherwise, width)), parse_math=False)


def width_of(columns: int) -> float:
    """The width of a figure with this many panels side by side: that of a paper's column or page."""
    return {1: 4.2, 2: 6.75}.get(columns, 2.55 * columns + 0.3)


def looks(keys: list[tuple[str, ...]]) -> list[dict[str, object]]:
    """The style of each curve, for matplotlib. Colours, lines and markers change in step; but for keys of several
    parameters the first decides the colour, the others the line.
    """
    firsts = list(dict.fromkeys(key[0] for key in keys))
    others = list(dict.fromkeys(key[1:] for key in keys))
    if 1 < len(others) <= len(LINES) and len(firsts) <= len(COLOURS):
        indices = [(firsts.index(key[0]), others.index(key[1:])) for key in keys]
    else:
        indices = [(i, i) for i in range(len(keys))]
    return [
        {
            "color": COLOURS[i % len(COLOURS)],
            "linestyle": LINES[j % len(LINES)],
            "marker": MARKERS[i % len(MARKERS)],
            "markeredgecolor": "white",
            "markeredgewidth": 0.5,
        }
        for i, j in indices
    ]


def view(
    points: list[np.ndarray], cut: list[np.ndarray], log: bool, ends: Ends, margin: float, what: str
) -> tuple[float, float]:
    """The ends of an axis. It shows all `points`, and those of diverged runs (`cut`) unless they flatten the others."""

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
        hint = f"choose a positive end, or --linear {what}"
        raise InputError(f"the log axis of {what} cannot begin at {low:g}; {hint}")
    if not low < high:
        raise InputError(f"no point of {what} lies within the given range of its axis")
    return low, high


def lay_axis(axes, axis: str, log: bool, low: float, high: float, whole_numbers: bool = False) -> None:
    if axis == "x":
        ticks = axes.xaxis
        axes.set_xscale("log" if log else "linear")
        axes.set_xlim(low, high)
    else:
        ticks = axes.yaxis
        axes.set_yscale("log" if log else "linear")
        axes.set_ylim(low, high)
    if not log:
        integer = whole_numbers and high - low > 4
        most = 7 if axis == "x" else 6
        ticks.set_major_locator(ticker.MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=integer))
        return
    decades = math.log10(high / low)
    ticks.set_minor_formatter(ticker.NullFormatter())
    if decades >= 2:  # as many powers of ten as there is room for, including 10⁰
        step = next(step for step in (1, 2, 3, 4, 5, 10, 20, 50, 100) if decades / step <= 6)
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        ticks.set_major_locator(ticker.FixedLocator([10.0**k for k in powers if k % step == 0]))
        if step == 1:
            ticks.set_minor_locator(ticker.LogLocator(subs=range(2, 10), numticks=12))
        else:
            ticks.set_minor_locator(
                ticker.FixedLocator([10.0**k for k in powers if step <= 5 or k % 10 == 0])
            )
    elif decades >= 0.7:  # too few powers of ten for a readable axis
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


def label_y(axes, label: str) -> None:
    """Writes what the y axis shows; a long label in two lines, as panels are wider than high."""
    axes.set_ylabel(label if len(label) <= 30 else label.replace(", ", ",\n", 1))


def lay_legend(figure: Figure, handles: list, labels: list[str], title: str | None = None) -> None:
    """One legend for all panels, below them, where it covers no curve, in as few rows as possible."""
    width, height = figure.get_size_inches()
    numbers = [str(i) for i in range(len(labels))]
    layout = {"frameon": False, "handlelength": 3.4, "columnspacing": 1.6, "borderaxespad": 0.2, "title": title}
    renderer = FigureCanvasAgg(figure).get_renderer()
    for rows in range(1, len(labels) + 1):
        columns = math.ceil(len(labels) / rows)
        if math.ceil(len(labels) / columns) < rows:
            continue
        # The labels are set afterwards, since matplotlib drops those that begin with "_" and reads "$" as mathematics.
        legend = figure.legend(handles, numbers, loc="lower center", ncol=columns, **layout)
        for text, label in zip(legend.get_texts(), labels):
            text.set_parse_math(False)
            text.set_text(label if columns > 1 else "\n".join(textwrap.wrap(label, int(13 * width))))
        box = legend.get_window_extent(renderer)
        if box.width / figure.dpi <= width or columns == 1:
            break
        legend.remove()
    extra = box.height / figure.dpi
    figure.set_size_inches(width, height + extra)
    figure.get_layout_engine().set(rect=(0, extra / (height + extra), 1, height / (height + extra)))


def render(figure: Figure, path: Path) -> bytes:
    picture = io.BytesIO()
    ending = _ending(path)
    # No dates: the same traces give the same bytes.
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    figure.savefig(picture, format=ending, metadata=dates[ending])
    return _smaller(picture.getvalue().decode()).encode() if ending == "svg" else picture.getvalue()


def _smaller(svg: str) -> str:
    """The same picture in half the bytes: hundredths of a point, no indents, no names of groups, styles by class."""
    svg = re.sub(r"^ +", "", svg, flags=re.MULTILINE)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    places = r'^[MLC] .*$| [xy]="[^"]*"|translate\([^)]*\)'
    svg = re.sub(places, lambda found: _rounded(found.group()), svg, flags=re.MULTILINE)
    counts = Counter(re.findall(r' style="([^"]*)"/>', svg))
    names = {style: f"s{i}" for i, (style, count) in enumerate(counts.items()) if count > 3}
    svg = re.sub(r' style="([^"]*)"/>', lambda found: _classed(found, names), svg)
    rules = "".join(f".{name}{{{style}}}" for style, name in names.items())
    return svg.replace("</style>", f"{rules}</style>", 1)


def _rounded(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found.group()):.2f}", numbers)


def _classed(found: re.Match, names: dict[str, str]) -> str:
    return f' class="{names[found[1]]}"/>' if found[1] in names else found[0]


def _ending(path: Path) -> str:
    return path.suffix.lstrip(".").lower()
