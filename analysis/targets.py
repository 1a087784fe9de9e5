"""The number that stands for each run: its final value, its best value, or what it had spent to reach a target."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import measures
from analysis.command import InputError, Parser, assignment, say
from analysis.quantities import quantity
from analysis.runs import Runs
from analysis.traces import Trace


def add_value_options(parser: Parser) -> None:
    """Options of commands that show one number for each run."""
    add = parser.add_argument
    add_at(parser, "the final value (default), the best along the run, or the last within a budget: time=60s, bits=1Gbit")
    help = "show instead what a run had spent (time, bits, ...) when it reached this value"
    add("--target", type=Target.read, metavar="METRIC=VALUE", help=help)


def add_at(parser: Parser, help: str) -> None:
    def read(text: str) -> measures.At:
        try:
            return measures.At.read(text)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    parser.add_argument("--at", type=read, default=measures.FINAL, metavar="final|best|BUDGET", help=help)


def measuring(metric: str, groups: Sequence[Runs]) -> list[list[Trace]]:
    """The runs of each group that have the metric; or all runs if none has it, so that reading it is an error."""
    is_known = any(metric in trace.metrics for runs in groups for trace in runs)
    return [[trace for trace in runs if metric in trace.metrics or not is_known] for runs in groups]


def check_value_options(program: str, options: argparse.Namespace) -> None:
    if options.target and options.at != measures.FINAL:
        raise InputError(f"{program}: --at {options.at.text}: has no effect with --target; leave one of them out")


def measured(trace: Trace, metric: str, options: argparse.Namespace) -> float:
    """The number that the options of `add_value_options` choose; infinite if the run diverged or missed the target."""
    return options.target.spent(trace, metric) if options.target else options.at.outcome(trace, metric)


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


class Pairs:
    """Each run beside its partner: the run with one value of a parameter, the same seed, and all else that was varied."""

    def __init__(self, program: str, runs: Runs, text: str):
        self.path, self.value = assignment("--paired", text, "path=value, such as algorithm=SGD")
        others = [*(path for path in runs.varied() if path != self.path), "seed"]
        partners: dict[tuple[str, ...], Trace] = {}
        for trace in runs.where(self.path, self.value):
            key = tuple(trace.parameter(path) for path in others)
            first = partners.setdefault(key, trace)
            if first is not trace:
                raise InputError(f"{program}: --paired {text}: {first.path} and {trace.path} have the same {', '.join(others)}")
        self._of = {trace: partners.get(tuple(trace.parameter(path) for path in others)) for trace in runs}
        alone = sum(partner is None for partner in self._of.values())
        if alone:
            say(f"{program}: note: {alone} of {len(runs)} runs have no partner with {text} and the same seed; they are left out")
        self.runs = Runs(trace for trace, partner in self._of.items() if partner)

    def name(self, metric: str) -> str:
        return f"{metric} ratio" if quantity(metric).is_counted else f"{metric} difference"

    def beside(self, trace: Trace, measure: Callable[[Trace], float], metric: str) -> float:
        """The run's number minus its partner's; of what runs spend, their ratio. Infinite if one of them is."""
        own, other = measure(trace), measure(self._of[trace])
        if not math.isfinite(own) or not math.isfinite(other):
            return math.inf
        if not quantity(metric).is_counted:
            return own - other
        return own / other if other else math.inf
