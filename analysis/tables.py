"""Tables for terminals and for Markdown."""

from __future__ import annotations

import shutil
import textwrap

NARROWEST = 12  # no column is made narrower


def text_table(head: list[str], rows: list[list[str]], width: int | None = None) -> str:
    """Columns side by side; where they do not fit the terminal, the texts of the widest wrap."""
    width = width or shutil.get_terminal_size((100, 24)).columns
    rows = [[_printable(cell) for cell in row] for row in rows]
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
        escaped = [_printable(cell).replace("|", "\\|").replace("\n", "<br>") for cell in cells]
        return "| " + " | ".join(escaped) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)]) + "\n"


def _wrapped(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n") for part in textwrap.wrap(line, max(width, 1)) or [""]]


def _printable(text: str) -> str:
    """Line ends stay; what would command a terminal does not."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
