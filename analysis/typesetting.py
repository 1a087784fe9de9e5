"""Means over seeds, and tables for terminals, Markdown and LaTeX."""

from __future__ import annotations

import math
import re
import shutil
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.command import printable
from analysis.measures import mean_and_std
from analysis.quantities import quantity

NARROWEST = 12  # no column is made narrower


# --- numbers ---


def over_seeds(
    metric: str, unit: str, cells: Sequence[Sequence[float]], otherwise: str = "not reached"
) -> tuple[str, list[str]]:
    """The head of a column, with a suitable unit, and for each cell the mean and standard deviation of its values.

    `unit`: that of the values. `otherwise`: the text for infinite values, which have no mean.
    """
    finite = [abs(mean_and_std(values)[0]) for values in cells if all(map(math.isfinite, values)) and len(values)]
    unit, worth = quantity(metric).scale(max(finite, default=0.0), unit)
    texts = []
    for values in cells:
        infinite = sum(not math.isfinite(value) for value in values)
        if not len(values):
            texts.append("")
        elif infinite:
            texts.append(otherwise if len(values) == 1 else f"{infinite} of {len(values)} {otherwise}")
        else:
            texts.append(plus_minus(*mean_and_std([value / worth for value in values])))
    return (f"{metric} ({unit})" if unit else metric), texts


def plus_minus(mean: float, std: float) -> str:
    """Such as "0.812 ± 0.013": the deviation has two digits, the mean the same decimals, but at most six digits."""
    if math.isnan(std):
        return f"{mean:.4g}"
    if std <= 1e-12 * abs(mean):  # no more than rounding
        return f"{mean:.4g} ± 0"
    power = math.floor(math.log10(max(abs(mean), std)))
    worth, mark = (1.0, "") if -3 <= power < 6 else (10.0**power, f"e{power}")
    mean, std = mean / worth, std / worth
    first = math.floor(math.log10(max(abs(mean), std)))
    places = min(max(1 - math.floor(math.log10(std)), 0), max(5 - first, 0))
    text = f"{mean:.{places}f} ± {std:.{places}f}"
    return f"({text}){mark}" if mark else text


def how_many(counts: Sequence[int]) -> str:
    """The range of the counts: "5", or "1 to 5"."""
    return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


# --- tables ---


def text_table(head: list[str], rows: list[list[str]], width: int | None = None) -> str:
    """A table as plain text. If it does not fit the terminal, the texts in the widest columns wrap."""
    width = width or shutil.get_terminal_size((100, 24)).columns
    rows = [[printable(cell, "\n") for cell in row] for row in rows]
    widths = [max(len(line) for cell in column for line in cell.split("\n")) for column in zip(head, *rows)]
    gap = "  "
    while sum(widths) + len(gap) * (len(widths) - 1) > width and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1

    def lines(row: list[str]) -> list[str]:
        cells = [_wrapped(cell, size) for cell, size in zip(row, widths)]
        height = max(map(len, cells))
        cells = [cell + [""] * (height - len(cell)) for cell in cells]
        padded = [[part.ljust(size) for part, size in zip(line, widths)] for line in zip(*cells)]
        return [gap.join(line).rstrip() for line in padded]

    blocks = [lines(row) for row in rows]
    between = [""] if any(len(block) > 1 for block in blocks) else []
    text = [*lines(head), *lines(["-" * size for size in widths])]
    for i, block in enumerate(blocks):
        text += (between if i else []) + block
    return "\n".join(text) + "\n"


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str]) -> str:
        escaped = [printable(cell, "\n").replace("|", "\\|").replace("\n", "<br>") for cell in cells]
        return "| " + " | ".join(escaped) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)]) + "\n"


def latex_table(head: list[str], rows: list[list[str]]) -> str:
    """A tabular for the package booktabs. The cells must be LaTeX."""
    lines = [" & ".join(printable(cell, "\n") for cell in row) + r" \\" for row in [head, *rows]]
    columns = "l" * len(head)
    inside = [r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", *inside, r"\end{tabular}"]) + "\n"


def _markdown(text: str) -> str:
    """Escapes a literal text; `markdown_table` escapes the |."""
    return re.sub(r"([\\`*_{}\[\]<>#~$])", r"\\\1", text)


LATEX = {c: "\\" + c for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "µ": r"$\mu$",
}


def _latex(text: str) -> str:
    return "".join(LATEX.get(c, c) for c in text)


def _latex_number(text: str) -> str:
    text = re.sub(r"(?<=[\d)])e([+-]?)0*(\d+)", lambda e: f"$\\times 10^{{{e[1].strip('+')}{e[2]}}}$", text)
    return re.sub(r"(?<![\w{])-(?=\d)", "$-$", text.replace("±", LATEX["±"]))


@dataclass(frozen=True)
class Format:
    """How a table for a paper is written: literal text, numbers, bold print, the table, and a remark on it."""

    text: Callable[[str], str]
    number: Callable[[str], str]
    bold: str
    table: Callable[[list[str], list[list[str]]], str]
    remark: str


FORMATS = {
    "markdown": Format(_markdown, str, "**{}**", markdown_table, "\n{}\n"),
    "latex": Format(_latex, _latex_number, r"\textbf{{{}}}", latex_table, "% {}\n"),
}


def _wrapped(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n") for part in textwrap.wrap(line, max(width, 1)) or [""]]
