"""The number that stands for each run: its final value, its best value, or what it had spent to reach a target."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import measures
from analysis.command import InputError, Parser, assignment, say
from analysis.quantities import quantity
from analysis.runs import Runs
from analysis.traces import Trace


def add_value_options(parser: Parser) -> None:
    """Options of commands that show one number for each run."""
    add = parser.add_argument
    add("--at", choices=measures.VALUE_AT, default="final", help="the final value (default), or the best along the run")
    help = "show instead what a run had spent (time, bits, ...) when it reached this value"
    add("--target", type=Target.read, metavar="METRIC=VALUE", help=help)


def measuring(metric: str, groups: Sequence[Runs]) -> list[list[Trace]]:
    """The runs of each group that have the metric; or all runs if none has it, so that reading it is an error."""
    is_known = any(metric in trace.metrics for runs in groups for trace in runs)
    return [[trace for trace in runs if metric in trace.metrics or not is_known] for runs in groups]


def measured(trace: Trace, metric: str, options: argparse.Namespace) -> float:
    """The number that the options of `add_value_options` choose; infinite if the run diverged or missed the target."""
    return options.target.spent(trace, metric) if options.target else measures.outcome(trace, metric, options.at)


@dataclass(frozen=True)
class Target:
    """A value of a metric to reach. It is reached at the first recorded row that is at least as good."""

    metric: str
    value: float

    @staticmethod
    def read(text: str) -> Target:
        metric, value = assignment("--target", text, "metric=value, such as test_accuracy=0.8")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"--target {text}: '{value}' is not a number")
        return Target(metric, number)

    def __str__(self) -> str:
        return f"{self.metric} {self.value:g}"

    def spent(self, trace: Trace, x: str) -> float:
        """What the run had spent when it reached the target; infinity if it never did."""
        if not quantity(x).is_counted:
            counted = [name for name in trace.metrics if quantity(name).is_counted]
            raise InputError(f"'{x}' is not something that a run spends; there are: {', '.join(counted)}")
        return measures.reach(trace, self.metric, self.value, x)

    def note_early(self, program: str, runs: Runs) -> None:
        """Notes how many runs reach the target before the first iteration: x0 = 0 is perfectly sparse."""
        those = [trace for trace in runs if self.metric in trace.metrics]
        early = sum(self.spent(trace, "iteration") == 0 for trace in those)
        if early:
            say(f"{program}: note: {early} of {len(runs)} runs reach {self} before the first iteration, at no cost")
