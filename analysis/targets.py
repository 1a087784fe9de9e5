"""What a target costs: the options for the one number that each run shows, its final or best value or what it had spent."""

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
    """Of commands that show one number for each run."""
    add = parser.add_argument
    add("--at", choices=measures.VALUE_AT, default="final", help="the final value (default), or the run's best")
    help = "instead: what a run had spent (time, bits, ...) when it reached this"
    add("--target", type=Target.read, metavar="METRIC=VALUE", help=help)


def measuring(metric: str, groups: Sequence[Runs]) -> list[list[Trace]]:
    """Of each group the runs that have the metric, as not all have a compression error; if none has it, all: a mistake."""
    is_known = any(metric in trace.metrics for runs in groups for trace in runs)
    return [[trace for trace in runs if metric in trace.metrics or not is_known] for runs in groups]


def measured(trace: Trace, metric: str, options: argparse.Namespace) -> float:
    """What `add_value_options` asks for; infinite where a run diverged, or did not get there."""
    return options.target.spent(trace, metric) if options.target else measures.outcome(trace, metric, options.at)


@dataclass(frozen=True)
class Target:
    """A metric's value that is to be reached, at the first recorded row that is as good."""

    metric: str
    value: float

    @staticmethod
    def read(text: str) -> Target:
        metric, value = assignment("--target", text, "metric=value, as test_accuracy=0.8")
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
        """What the run had spent by then; infinity where it never got there."""
        if not quantity(x).is_counted:
            counted = [name for name in trace.metrics if quantity(name).is_counted]
            raise InputError(f"'{x}' is nothing that a run spends; there are: {', '.join(counted)}")
        return measures.reach(trace, self.metric, self.value, x)

    def note_early(self, program: str, runs: Runs) -> None:
        """Says how many runs are there before their first iteration: x0 = 0 is as sparse as can be."""
        those = [trace for trace in runs if self.metric in trace.metrics]
        early = sum(self.spent(trace, "iteration") == 0 for trace in those)
        if early:
            say(f"{program}: note: {early} of {len(runs)} runs are at {self} from the start, before they have spent anything")
