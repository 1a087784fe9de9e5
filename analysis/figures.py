"""What all figures share: how they look, the option for their file, and the same bytes for the same traces."""

from __future__ import annotations

import argparse
import io
import textwrap
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from analysis.command import InputError, Parser

ENDINGS = ("svg", "png", "pdf")

# Okabe and Ito's palette without its yellow, which is lost on paper. With the line styles, 28 curves differ.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", (0, (5, 1.6)), (0, (5, 1.4, 1.2, 1.4)), (0, (1.3, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "p", "<", ">", "h")  # no ×: it marks where a run diverged

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
    """`title`: what stands there where none is given."""
    add = parser.add_argument
    add("-o", "--output", required=True, type=Path, metavar="FIGURE", help="ends in .svg, .png or .pdf")
    add("--title", metavar="TEXT", help=f"$math$ allowed; default: {title}; '' for none")


def check_options(program: str, options: argparse.Namespace) -> None:
    ending = _ending(options.output)
    if ending not in ENDINGS:
        known = ", ".join("." + known for known in ENDINGS)
        raise InputError(f"{options.output}: unknown ending '{ending}'; a figure is one of {known}")
    try:
        MathTextParser("path").parse(options.title or "")
    except ValueError as error:
        reason = str(error).splitlines()[-1]
        raise InputError(f"{program}: --title: cannot be read: {reason}; a plain dollar is \\$") from None


def new(width: float, height: float) -> Figure:
    matplotlib.rcdefaults()  # a figure does not depend on who draws it
    matplotlib.rcParams.update(STYLE)
    return Figure(figsize=(width, height), layout="constrained")


def set_title(figure: Figure, given: str | None, otherwise: str | None) -> None:
    """One's own words, mathematics included, or else a name, which is literal."""
    if given:
        figure.suptitle(given)
    elif given is None and otherwise:
        width = int(15 * figure.get_size_inches()[0])
        figure.suptitle("\n".join(textwrap.wrap(otherwise, width)), parse_math=False)


def render(figure: Figure, path: Path) -> bytes:
    picture = io.BytesIO()
    ending = _ending(path)
    # No dates: the same traces give the same bytes.
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    figure.savefig(picture, format=ending, metadata=dates[ending])
    return picture.getvalue()


def _ending(path: Path) -> str:
    return path.suffix.lstrip(".").lower()
