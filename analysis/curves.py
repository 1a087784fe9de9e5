"""The curves of a plot: single runs, or means with a band, and the points that the scales of a panel can show."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis import figures
from analysis.command import InputError, say
from analysis.labels import caption, labels_of, unsaid_differences
from analysis.runs import Runs, note_what_is_averaged
from analysis.traces import Trace

SMALLEST = 1e-150  # that a log axis shows


@dataclass(eq=False)
class Line:
    """An entry of the legend: in each panel one run, or several that are averaged, all drawn in one style."""

    label: str
    runs: dict[str, Runs]  # by the panel's value
    look: dict[str, object]


@dataclass(frozen=True)
class Points:
    """The points of a curve that a panel shows. Without a band, `low` and `high` equal `y`."""

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(eq=False)
class Curve:
    """A line in one panel: the points of each of its runs, in the traces' units, before a scale is chosen."""

    line: Line
    runs: Runs
    parts: list[tuple[np.ndarray, np.ndarray]]
    are_cut: list[bool]  # whether the part ends where its run stopped being finite
    band: str

    @cached_property
    def x(self) -> np.ndarray:
        return np.concatenate([x for x, _ in self.parts])

    @cached_property
    def y(self) -> np.ndarray:
        return np.concatenate([y for _, y in self.parts])

    @property
    def end(self) -> float:
        """Where the shortest part ends, and with it the mean."""
        return min(x.max() for x, _ in self.parts)

    @property
    def is_cut(self) -> bool:
        return any(cut and x.max() == self.end for cut, (x, _) in zip(self.are_cut, self.parts))

    def on(self, x_log: bool, y_log: bool) -> Points:
        """The points that these scales can show.

        The initial point (0 bits, 0 s) has no place on a log x axis. It is left out; on a symlog axis, the linear
        part would show a decade that no run went through. A y of zero leaves a gap.

        The mean of several runs is that of their lines as drawn: straight between records, and of the logarithms
        on a log axis. It spans the x that all of them have.
        """
        seen = []
        for x, y in self.parts:
            keep = x >= SMALLEST if x_log else np.full(len(x), True)
            x, y = x[keep], y[keep]
            seen.append((x, np.where(y >= SMALLEST, y, np.nan) if y_log else y))
        if len(seen) == 1:
            (x, y), = seen
            return Points(x, y, y, y)
        if any(len(x) == 0 for x, _ in seen):
            return Points(*np.empty((4, 0)))
        x, ys = _on_common_grid(seen, x_log, y_log)
        centre, low, high = ys.mean(axis=0), ys.min(axis=0), ys.max(axis=0)
        if self.band == "std":
            deviation = ys.std(axis=0, ddof=1)
            low, high = centre - deviation, centre + deviation
        elif self.band == "none":
            low = high = centre
        return Points(x, *((10.0**each if y_log else each) for each in (centre, low, high)))

    def is_left_out(self, x_log: bool) -> bool:
        """Whether a log x axis can show none of its points, since some part has only the initial one."""
        return x_log and not all((x >= SMALLEST).any() for x, _ in self.parts)


def _on_common_grid(parts, x_log: bool, y_log: bool) -> tuple[np.ndarray, np.ndarray]:
    """All x between the latest start and the earliest end, and the y of each part there, as the axes show it."""
    x_scale, y_scale = (np.log10 if log else np.asarray for log in (x_log, y_log))
    xs = [x for x, _ in parts]
    if all(np.array_equal(x, xs[0]) for x in xs):
        return xs[0], np.array([y_scale(y) for _, y in parts])
    first, last = max(x[0] for x in xs), min(x[-1] for x in xs)
    grid = np.unique(np.concatenate(xs))
    grid = grid[(grid >= first) & (grid <= last)]
    return grid, np.array([np.interp(x_scale(grid), x_scale(x), y_scale(y)) for x, y in parts])


def lines_of(runs: Runs, options: argparse.Namespace) -> tuple[list[Line], str | None]:
    """The legend's entries, and the name that all runs share, if any."""
    panels = [options.panel] if options.panel else []
    if options.group:
        found = runs.groups(options.group)
        bundles, keys = list(found.values()), list(found)
        labels = [caption(bundle[0], options.group) for bundle in bundles]
        own_names = {trace.name for trace in runs}
        shared_name = own_names.pop() if len(runs) > 1 and len(own_names) == 1 else None
    else:
        bundles, ignored = bundles_of(runs, panels)
        labels, shared_name = labels_of([bundle[0] for bundle in bundles], ignored)
        keys = [(label,) for label in labels]
    lines = []
    for bundle, label, look in zip(bundles, labels, figures.looks(keys)):
        parts = {key[0] if panels else "": part for key, part in bundle.groups(panels).items()}
        lines.append(Line(label + _state(bundle), parts, look))
    for trace in runs:
        if trace.status == "failed":
            say(f"plot.py: note: {trace.path}: the run failed; the rows that it wrote are drawn")
    told = [(part[0], f"{line.label} {value}") for line in lines for value, part in line.runs.items()]
    unsaid = unsaid_differences(*map(list, zip(*told)))
    if unsaid:
        say(f"plot.py: note: the legend does not say that the runs differ in {unsaid}")
    note_what_is_averaged("plot.py", (part for line in lines for part in line.runs.values() if len(part) > 1))
    return lines, shared_name


def bundles_of(runs: Runs, panels: list[str]) -> tuple[list[Runs], set[str]]:
    """Groups of runs that differ only in the seed and in what the panels show; and the parameters that labels can omit."""
    by_panel = runs.groups(panels).values()
    every = {key for trace in runs for key in trace.parameters}
    ignored = set()
    if panels:  # what is the same within each panel
        ignored = {k for k in every if all(len({t.parameters.get(k) for t in part}) == 1 for part in by_panel)}
    same: dict[frozenset, list[Trace]] = {}
    for trace in runs:
        rest = ((key, value) for key, value in trace.parameters.items() if key not in ignored and key != "seed")
        same.setdefault(frozenset(rest), []).append(trace)
    bundles = []
    for members in map(Runs, same.values()):
        parts = members.groups(panels).values()
        are_seeds = all(len({trace.parameter("seed") for trace in part}) == len(part) for part in parts)
        bundles += [members] if are_seeds else [Runs([trace]) for trace in members]
    if any(len(bundle) > 1 for bundle in bundles):
        ignored.add("seed")
    return bundles, ignored


def _state(runs: Runs) -> str:
    """What the legend says about runs that did not complete."""
    if len(runs) == 1:
        return "" if runs[0].status == "complete" else f" ({runs[0].end})"
    counts = Counter(trace.status for trace in runs)
    told = [f"{counts[status]} of {len(runs)} {status}" for status in ("diverged", "failed", "partial") if counts[status]]
    return f" ({', '.join(told)})" if told else ""


def curve_of(line: Line, value: str, x_name: str, y_name: str, band: str) -> Curve:
    """The curve of a line in one panel.

    Rows that were not evaluated (NaN) are skipped. A part ends before its first infinite value.
    """
    kept, parts, are_cut = [], [], []
    for trace in line.runs[value]:
        x, y = trace.metric(x_name), trace.metric(y_name)
        infinite = np.isinf(y)
        if infinite.any():
            first = int(np.argmax(infinite))
            x, y = x[:first], y[:first]
        keep = ~np.isnan(y) & np.isfinite(x)
        if keep.any():
            kept.append(trace)
            parts.append((x[keep], y[keep]))
            are_cut.append(trace.status == "diverged" or bool(infinite.any()))
    if len(parts) > 1 and any((np.diff(x) < 0).any() for x, _ in parts):
        raise InputError(f"plot.py: cannot average over {x_name}, which does not always grow; --group seed draws each run")
    return Curve(line, Runs(kept), parts, are_cut, band)
