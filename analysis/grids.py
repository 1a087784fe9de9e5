"""Grids of parameters, such as step sizes: their points, the score of each, and the best point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from analysis import measures
from analysis.gossamer import Assignments
from analysis.traces import Trace
from analysis.units import are_equal, in_order, number

Over = dict[str, list[str]]  # what is varied: the values of each dotted path


def points_of(over: Over) -> list[Assignments]:
    """All points of the grid, the last path varying fastest. Without any path there is one point, which sets nothing."""
    return list(itertools.product(*([(path, value) for value in values] for path, values in over.items())))


def score(traces: Sequence[Trace], metric: str, at: measures.At = measures.FINAL) -> float:
    """The score of a point: the mean over its seeds, or the worst possible if a run diverged or missed its target."""
    if at.budget is None and any(misses_target(trace) for trace in traces):
        return measures.worst(traces[0], metric)
    return float(np.mean([at.outcome(trace, metric) for trace in traces]))


def told(traces: Sequence[Trace], score: float) -> str:
    """The score in a table; where it is the worst possible, why."""
    if not math.isinf(score):
        return f"{score:.4g}"
    return "diverged" if any(trace.status == "diverged" for trace in traces) else "not reached"


def misses_target(trace: Trace) -> bool:
    """Whether the scenario has a target that did not end the run. Its cost then says nothing."""
    has_target = any(path.startswith("stop.target.") for path in trace.parameters)
    return has_target and trace.attributes.get("ended_by", "target") != "target"


def best_of(scores: list[float], higher_is_better: bool) -> int | None:
    """The index of the best score, the first of equals; None if all are infinite, the worst possible."""
    better = max if higher_is_better else min
    chosen = better(range(len(scores)), key=scores.__getitem__)
    return None if math.isinf(scores[chosen]) else chosen


def at_ends(over: Over, point: Assignments) -> dict[str, str]:
    """The parameters whose value lies at an end of the grid, where a better one may lie beyond, with a remark."""
    found = {}
    for path, value in point:
        values = in_order(over[path])
        if len(values) < 2 or any(number(each) is None for each in values):  # kinds, say
            continue
        for end, which, more in ((values[0], "smallest", "smaller"), (values[-1], "largest", "larger")):
            if are_equal(value, end):
                found[path] = f"the {which} value of its grid; a {more} one may be better"
    return found


def repeated(values: list[str]) -> int | None:
    """The index of the first value that repeats an earlier one, even if it is written differently: "0.1", "1e-1"."""
    return next((i for i, value in enumerate(values) if any(are_equal(value, v) for v in values[:i])), None)


def state(trace: Trace) -> str:
    return "target not reached" if trace.status == "complete" and misses_target(trace) else trace.end
