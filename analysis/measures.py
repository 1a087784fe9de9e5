"""Numbers of a trace: a metric's final value, its least value, what it cost to reach a value, ...

From the point of divergence on, a diverged run is as bad as possible: its metrics end at infinity, or at minus
infinity where higher is better. What a run counts (iterations, bits, time) ends where the run ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from analysis.command import InputError
from analysis.quantities import quantity
from analysis.traces import Trace


class NotMeasured(InputError):
    """Why a trace does not have the number, in one line."""


def final(trace: Trace, metric: str) -> float:
    return float(_evaluated(trace, metric)[1][-1])


def finals(trace: Trace) -> dict[str, float]:
    """The final value of every metric; NaN if it was never evaluated."""
    return {m: math.nan if np.isnan(trace.metric(m)).all() else final(trace, m) for m in trace.metrics}


def least(trace: Trace, metric: str) -> float:
    return float(_evaluated(trace, metric)[1].min())


def greatest(trace: Trace, metric: str) -> float:
    return float(_evaluated(trace, metric)[1].max())


def best(trace: Trace, metric: str) -> float:
    """The best value along the run: the greatest or the least, as the trace says."""
    return greatest(trace, metric) if trace.higher_is_better(metric) else least(trace, metric)


VALUE_AT = {"final": final, "best": best}  # what --at chooses from


def outcome(trace: Trace, metric: str, at: str) -> float:
    """The value by which runs are compared. A diverged run has the worst possible, however little it had spent."""
    return worst(trace, metric) if trace.status == "diverged" else VALUE_AT[at](trace, metric)


def at(trace: Trace, metric: str, iteration: float) -> float:
    """The value at the last evaluated row up to the iteration."""
    t, y = _evaluated(trace, metric)
    if iteration < t[0] or (iteration > t[-1] and not _ends_badly(trace, metric)):
        span = f"{t[0]:g} to {t[-1]:g}"
        raise NotMeasured(f"{trace.path}: {metric} was evaluated in iterations {span}, not at {iteration:g}")
    return float(y[np.searchsorted(t, iteration, side="right") - 1])


def reach(trace: Trace, metric: str, value: float, x: str) -> float:
    """The x (bits, time, ...) of the first row whose metric is at least as good as the value; infinity if there is none."""
    xs, ys = _evaluated(trace, metric, x)
    rises = quantity(metric).is_counted or trace.higher_is_better(metric)
    reached = np.flatnonzero(ys >= value if rises else ys <= value)
    return float(xs[reached[0]]) if len(reached) else math.inf


def mean_and_std(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and the standard deviation of the sample (n - 1; NaN for a single value)."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def worst(trace: Trace, metric: str) -> float:
    return -math.inf if trace.meaning(metric).better == "higher" else math.inf


def _ends_badly(trace: Trace, metric: str) -> bool:
    return trace.status == "diverged" and not quantity(metric).is_counted


def _evaluated(trace: Trace, metric: str, x: str = "iteration") -> tuple[np.ndarray, np.ndarray]:
    """The rows in which the metric was evaluated, and one more if the run diverged."""
    xs, ys = trace.metric(x), trace.metric(metric)
    known = ~np.isnan(xs) & ~np.isnan(ys)
    xs, ys = xs[known], ys[known]
    if len(ys) == 0:
        raise NotMeasured(f"{trace.path}: {metric} was not evaluated")
    if _ends_badly(trace, metric):
        end = trace.diverged_at if x == "iteration" and trace.diverged_at is not None else xs[-1]
        xs, ys = np.append(xs, end), np.append(ys, worst(trace, metric))
    return xs, ys
