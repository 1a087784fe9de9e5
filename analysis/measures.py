"""Numbers of a trace: a metric's final value, its least value, what it cost to reach a value, ...

From the point of divergence on, a diverged run is as bad as possible: its metrics end at infinity, or at minus
infinity where higher is better. What a run counts (iterations, bits, time) ends where the run ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.command import InputError
from analysis.quantities import quantity
from analysis.traces import Trace
from analysis.units import number, number_in


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


def at(trace: Trace, metric: str, amount: float, x: str = "iteration") -> float:
    """The value at the last evaluated row up to this iteration, or up to this x."""
    xs, y = _evaluated(trace, metric, x)
    if amount < xs[0] or (amount > xs[-1] and not _ends_badly(trace, metric)):
        span = f"{xs[0]:g} to {xs[-1]:g}"
        where = f"in iterations {span}, not at {amount:g}" if x == "iteration" else f"at {x} {span}, not at {amount:g}"
        raise NotMeasured(f"{trace.path}: {metric} was evaluated {where}")
    return float(y[np.searchsorted(xs, amount, side="right") - 1])


@dataclass(frozen=True)
class At:
    """The row of a run that counts: the final one, the best one, or the last one within a budget."""

    text: str  # "final", "best", or "time=60s"
    budget: tuple[str, str] | None = None  # what is spent, and how much

    @staticmethod
    def read(text: str) -> At:
        if text in ("final", "best"):
            return At(text)
        name, equals, amount = (part.strip() for part in text.partition("="))
        if equals and quantity(name).is_counted and number(amount) is not None:
            return At(text, (name, amount))
        raise InputError(f"'{text}' is not allowed; it takes final, best, or a budget, such as time=60s or bits=1Gbit")

    def __str__(self) -> str:
        return self.text if self.budget is None else " ".join(self.budget)

    def told(self, metric: str) -> str:
        return f"{metric} at {self}" if self.budget else f"{self} {metric}"

    def value(self, trace: Trace, metric: str) -> float:
        if self.budget is None:
            return {"final": final, "best": best}[self.text](trace, metric)
        name, amount = self.budget
        unit = trace.meaning(name).unit
        if (limit := number_in(amount, unit)) is None:
            raise InputError(f"{self.text}: {name} is counted in {unit or 'whole numbers'}; '{amount}' is another unit")
        return at(trace, metric, limit, name)

    def outcome(self, trace: Trace, metric: str) -> float:
        """The value by which runs are compared. A diverged run has the worst possible, however little it had spent."""
        if trace.status == "diverged":
            if self.budget is None:
                return worst(trace, metric)
            try:
                return self.value(trace, metric)  # It may have diverged later.
            except NotMeasured:
                return worst(trace, metric)
        return self.value(trace, metric)


FINAL = At("final")


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
