#!/usr/bin/python3
"""Draws which algorithm reaches a target first for each pair of settings, and by how much. See README.md."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, say, write

with importing("winners.py"):
    from matplotlib.colors import to_rgb
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch, Rectangle

    from analysis import figures
    from analysis.figures import COLOURS
    from analysis.labels import last_word, short
    from analysis.quantities import quantity
    from analysis.runs import Runs, add_run_options, chosen_runs, finished, note_what_is_averaged
    from analysis.targets import Target
    from analysis.typesetting import text_table

NOBODY = "#e0e0e0"
NOT_REACHED, NO_RUN = "not reached", "no run"
CLEAR = 4.0  # a lead of this factor has the full colour
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Win:
    """Who was first at a pair of settings.

    `lead`: how many times as much the second spent; infinity if it never arrived.
    """

    who: str
    lead: float

    def __str__(self) -> str:
        return f"{self.who} {lead_text(self.lead)}".strip()


def lead_text(lead: float) -> str:
    if math.isinf(lead):
        return "alone"
    if lead == 1:
        return "tie"
    return f"{lead:.2f}×" if lead < 2 else f"{lead:.2g}×" if lead < 100 else f"{lead:.0f}×"


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        runs = finished("winners.py", chosen_runs(options))
        xs, ys, names = runs.values(options.x), runs.values(options.y), runs.values(options.of)
        if len(names) > min(len(COLOURS), len(LETTERS)):
            many = f"{options.of} has {len(names)} values, more than there are colours"
            raise InputError(f"winners.py: {many}; choose some with --where")
        wins = winners(runs, options)
        figure = draw(wins, runs, options)
        write(options.output, figures.render(figure, options.output))
        head = [f"{last_word(options.y)} \\ {last_word(options.x)}", *xs]
        rows = [[y, *(text_of(wins, runs, x, y, options) for x in xs)] for y in reversed(ys)]
        print(text_table(head, rows), end="")
        return 0

    return exit_code("winners.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "winners.py",
        usage="winners.py TRACE... --x PATH --y PATH --target METRIC=VALUE -o FIGURE.svg|png|pdf [options]",
        description="Draws a map. For each pair of values of two parameters it shows who reaches the target at the least "
        "cost, and how many times as much the second spends. The cost is the mean over seeds, and all of them must reach "
        "the target. The paler a cell, the closer the two.",
        epilog="examples\n"
        "  winners.py out/latency --x network.bandwidth --y network.latency --target grad_norm=0.01 -o map.svg\n"
        "  winners.py out/graphs --x network.bandwidth --y topology --target test_accuracy=0.8 --by bits -o map.pdf",
    )
    add_run_options(parser)
    add = parser.add_argument
    add("--x", required=True, metavar="PATH", help="the parameter on the horizontal axis")
    add("--y", required=True, metavar="PATH", help="the parameter on the vertical axis")
    add("--target", required=True, metavar="METRIC=VALUE", help="the value to reach")
    add("--of", default="algorithm", metavar="PATH", help="who competes: the values of this parameter (default: algorithm)")
    add("--by", default="time", metavar="METRIC", help="the cost: time (default), bits, iteration, ...")
    figures.add_options(parser, "the target")
    options = parser.parse_intermixed_args(arguments)
    figures.check_options("winners.py", options)
    options.target = Target.read(options.target)
    if len({options.x, options.y, options.of}) < 3:
        raise InputError("winners.py: --x, --y and --of take three different parameters")
    return options


def winners(runs: Runs, options: argparse.Namespace) -> dict[tuple[str, str], Win]:
    """The winner of each cell in which somebody reaches the target."""
    competitors = runs.groups([options.x, options.y, options.of])
    note_what_is_averaged("winners.py", competitors.values())
    note_unequal_terms(competitors)
    spent: dict[tuple[str, str], dict[str, float]] = {}
    for (x, y, who), those in competitors.items():
        each = [options.target.spent(trace, options.by) for trace in those]
        spent.setdefault((x, y), {})[who] = math.fsum(each) / len(each)
    options.target.note_early("winners.py", runs)
    wins = {}
    for cell, of in spent.items():
        (first, least), *others = sorted(of.items(), key=lambda item: item[1])  # stable: the first of equals
        if math.isfinite(least):
            second = others[0][1] if others else math.inf
            wins[cell] = Win(first, second / least if least > 0 else math.inf if second > 0 else 1.0)
    absent = {who for _, _, who in competitors} - {who for of in spent.values() for who in of if math.isfinite(of[who])}
    if absent:
        say(f"winners.py: note: in no cell do all seeds of these reach the target: {', '.join(sorted(absent))}")
    return wins


def note_unequal_terms(competitors: dict[tuple[str, ...], Runs]) -> None:
    """Notes where a competitor has no run, or fewer runs than elsewhere, since more runs may change the winner."""
    cells = {key[:2] for key in competitors}
    names = {key[2] for key in competitors}
    missing = [(*cell, who) for cell in sorted(cells) for who in sorted(names) if (*cell, who) not in competitors]
    for what, keys in (("lack runs", missing), ("have fewer runs than others", fewer_seeds(competitors))):
        if keys:
            x, y, who = keys[0]
            others = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            say(f"winners.py: note: some cells {what}: {who} at {x}, {y}{others}; with all runs the map may change")


def fewer_seeds(competitors: dict[tuple[str, ...], Runs]) -> list[tuple[str, ...]]:
    """The cells in which a competitor has fewer seeds than elsewhere. Deterministic ones have one seed everywhere."""
    most: dict[str, int] = {}
    for (_, _, who), runs in competitors.items():
        most[who] = max(most.get(who, 0), len(runs))
    return [key for key, runs in competitors.items() if len(runs) < most[key[2]]]


def text_of(wins: dict, runs: Runs, x: str, y: str, options: argparse.Namespace) -> str:
    if (x, y) in wins:
        return str(wins[x, y])
    there = any(trace.parameter(options.x) == x and trace.parameter(options.y) == y for trace in runs)
    return NOT_REACHED if there else NO_RUN


def draw(wins: dict, runs: Runs, options: argparse.Namespace) -> Figure:
    xs, ys, names = runs.values(options.x), runs.values(options.y), runs.values(options.of)
    figure = figures.new(min(1.1 + 0.75 * max(len(xs), 4), 9.0), 0.9 + 0.45 * len(ys))
    axes = figure.subplots()
    axes.grid(False)
    there = [name for name in names if any(win.who == name for win in wins.values())]
    letters = dict(zip(there, LETTERS))
    colours = dict(zip(names, COLOURS))
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            win = wins.get((x, y))
            if not win and text_of(wins, runs, x, y, options) == NO_RUN:
                continue
            colour = paled(colours[win.who], win.lead) if win else to_rgb(NOBODY)
            axes.add_patch(Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5))
            text = f"{letters[win.who]}\n{lead_text(win.lead)}" if win else "–"
            red, green, blue = colour
            ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
            axes.text(i, j, text, ha="center", va="center", color=ink, fontsize=7.5, linespacing=1.15)
    axes.set_xlim(-0.5, len(xs) - 0.5)
    axes.set_ylim(-0.5, len(ys) - 0.5)
    axes.set_xticks(range(len(xs)), map(short, xs))
    axes.set_yticks(range(len(ys)), map(short, ys))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlabel(last_word(options.x))
    axes.set_ylabel(last_word(options.y))
    for text in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        text.set_parse_math(False)
    told = {colours[name]: f"{letters[name]}  {short(name)}" for name in there}
    if any(text_of(wins, runs, x, y, options) == NOT_REACHED for x in xs for y in ys):
        told[NOBODY] = "–  nobody"
    figures.set_title(figure, options.title, f"least {quantity(options.by).label} to {options.target}")
    figures.lay_legend(figure, [Patch(facecolor=colour) for colour in told], list(told.values()))
    return figure


def paled(colour: str, lead: float) -> tuple[float, float, float]:
    """The colour, paler for a smaller lead."""
    strength = 0.3 + 0.7 * min(1.0, math.log(min(lead, CLEAR)) / math.log(CLEAR))
    return tuple(1 - strength * (1 - part) for part in to_rgb(colour))


if __name__ == "__main__":
    sys.exit(main())
