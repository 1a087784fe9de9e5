"""The language of claims: numbers of runs, and comparisons between them.

    final(dadam, test_accuracy) < final(dgd, test_accuracy) - 0.1
    reach(cd_adam, grad_norm, 1e-3, bits) <= reach(amsgrad, grad_norm, 1e-3, bits) / 10
    mean(final(ours, loss) - final(theirs, loss)) < 0

Python's parser reads an expression; this module evaluates it node by node and allows only what is listed here. An
expression is checked completely before any run is made.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from analysis import measures, theory
from analysis.command import suggestion
from analysis.measures import NotMeasured
from analysis.quantities import QUANTITIES
from analysis.traces import Trace, TraceError

Number = float | np.ndarray  # an array has one number per seed
Known = TypeVar("Known")

# Numbers of a trace: the function, and the kinds of its arguments after the run.
MEASURES: dict[str, tuple[Callable[..., float], tuple[str, ...]]] = {
    "final": (measures.final, ("metric",)),
    "least": (measures.least, ("metric",)),
    "greatest": (measures.greatest, ("metric",)),
    "at": (measures.at, ("metric", "number")),
    "reach": (measures.reach, ("metric", "number", "metric")),
    "left": (theory.left, ("statement",)),
    "right": (theory.right, ("statement",)),
    "share": (theory.share, ("statement",)),
}
OVER_SEEDS: dict[str, Callable[[np.ndarray], float]] = {
    "mean": np.mean,
    "std": lambda values: np.std(values, ddof=1),
}
PLAIN: dict[str, tuple[Callable[..., Number], int]] = {
    "abs": (np.abs, 1),
    "min": (np.minimum, 2),
    "max": (np.maximum, 2),
}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: np.divide}
SIGNS = {ast.UAdd: operator.pos, ast.USub: operator.neg}
COMPARISONS = {
    ast.Lt: (operator.lt, "<"),
    ast.LtE: (operator.le, "≤"),
    ast.Gt: (operator.gt, ">"),
    ast.GtE: (operator.ge, "≥"),
    ast.Eq: (operator.eq, "="),
    ast.NotEq: (operator.ne, "≠"),
}
FUNCTIONS = [*MEASURES, *OVER_SEEDS, *PLAIN]
ALLOWED = f"there are numbers, infinity, + - * /, < <= > >= == !=, and, or, not, {', '.join(FUNCTIONS)}"


class ExpressionError(Exception):
    """What is wrong with an expression, and the position in its text."""

    def __init__(self, message: str, offset: int):
        super().__init__(message)
        self.offset = offset


class Expression:
    """A valid expression. `seeds`: the number of seeds of each run that it may name; None for a single run."""

    def __init__(self, text: str, seeds: dict[str, int | None]):
        self.text, self._seeds = text, seeds
        rehearsal = _Evaluation(text, seeds, traces=None)
        try:
            self._root = ast.parse(text, mode="eval").body
            rehearsal.truth(self._root)
        except SyntaxError as error:
            raise ExpressionError(f"cannot be read: {error.msg}", max((error.offset or 0) - 1, 0)) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError("cannot be read: it is too long, or has characters that are not text", 0) from None
        self.runs = rehearsal.runs  # the runs that it uses

    def evaluate(self, traces: dict[str, list[Trace]]) -> tuple[bool, str, list[str]]:
        """Whether it holds, its text with numbers in place of what was measured, and both sides of each comparison, as
        numbers: "0.8406 > 0.8166".
        """
        evaluation = _Evaluation(self.text, self._seeds, traces)
        holds = evaluation.truth(self._root)
        text, end = "", 0
        outermost_first = sorted(evaluation.found.items(), key=lambda item: (item[0][0], -item[0][1]))
        for (begin, stop), number in outermost_first:
            if begin >= end:  # otherwise it is inside one that is already replaced
                text += self.text[end:begin] + number
                end = stop
        return holds, text + self.text[end:], evaluation.sides


def _brief(number: float) -> str:
    """Four digits: "1.234e-9"."""
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].strip("+"), f"{number:.4g}").replace("inf", "never")


@dataclass
class _Evaluation:
    text: str
    seeds: dict[str, int | None]
    traces: dict[str, list[Trace]] | None  # None: a rehearsal, in which every measured number is 1
    runs: list[str] = field(default_factory=list)
    found: dict[tuple[int, int], str] = field(default_factory=dict)  # the number for each range of the text
    sides: list[str] = field(default_factory=list)  # of each comparison

    def truth(self, node: ast.expr) -> bool:
        match node:
            case ast.BoolOp(op=op, values=values):
                truths = [self.truth(value) for value in values]  # all of them, since each has to be valid
                return all(truths) if isinstance(op, ast.And) else any(truths)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.truth(operand)
            case ast.Compare(left=left, ops=ops, comparators=others):
                values = [self._single(each) for each in (left, *others)]
                known = [self._known(op, COMPARISONS, node) for op in ops]
                others = [f"{sign} {_brief(value)}" for (_, sign), value in zip(known, values[1:])]
                self.sides.append(" ".join([_brief(values[0]), *others]))
                return all(holds(a, b) for (holds, _), a, b in zip(known, values, values[1:]))
        raise self._error(node, "is neither true nor false; compare it, for example with < 0.1")

    def number(self, node: ast.expr) -> Number:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._constant(node, value)
            case ast.Name(id="infinity"):
                return math.inf
            case ast.UnaryOp(op=op, operand=operand) if type(op) in SIGNS:
                return SIGNS[type(op)](self.number(operand))
            case ast.BinOp(left=left, op=op, right=right):
                combine = self._known(op, ARITHMETIC, node)
                return self._paired(node, combine, self.number(left), self.number(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(node, name, arguments)
            case ast.Name(id=name) if name in self.seeds:
                raise self._error(node, f"is a run; name a number of it, such as final({name}, loss)")
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self._error(node, "is true or false, but a number is needed here")
        raise self._error(node, f"is not allowed; {ALLOWED}")

    def _call(self, node: ast.Call, name: str, arguments: list[ast.expr]) -> Number:
        if name in MEASURES:
            return self._measure(node, name, arguments)
        if name in OVER_SEEDS:
            (inner,) = self._arguments(node, name, arguments, ("number",))
            values = self.number(inner)
            if not isinstance(values, np.ndarray):
                hint = "give its run 'seeds: [1, 2, 3]'"
                raise self._error(inner, f"is a single number, but {name} is over seeds; {hint}")
            return self._note(node, name, float(OVER_SEEDS[name](values)))
        if name in PLAIN:
            function, count = PLAIN[name]
            given = self._arguments(node, name, arguments, ("number",) * count)
            return self._paired(node, function, *map(self.number, given))
        raise self._error(node.func, f"is not a function; {suggestion(name, FUNCTIONS)}")

    def _measure(self, node: ast.Call, name: str, arguments: list[ast.expr]) -> Number:
        function, kinds = MEASURES[name]
        first, *others = self._arguments(node, name, arguments, ("run", *kinds))
        run = self._name(first, "run", self.seeds)
        seeds = self.seeds[run]
        taken = [self._taken(each, kind, seeds) for each, kind in zip(others, kinds)]
        if run not in self.runs:
            self.runs.append(run)
        values = []
        for i in range(1 if seeds is None else seeds):
            own = [value[i] if isinstance(value, np.ndarray) else value for value in taken]
            values.append(1.0 if self.traces is None else self._read(function, self.traces[run][i], own))
        return self._note(node, name, values[0]) if seeds is None else np.array(values)

    def _read(self, function: Callable[..., float], trace: Trace, taken: list) -> float:
        try:
            return function(trace, *taken)
        except TraceError as error:  # the trace has no such metric
            raise NotMeasured(error) from None

    def _taken(self, node: ast.expr, kind: str, seeds: int | None) -> str | Number:
        if kind == "metric":
            return self._name(node, "metric", QUANTITIES)
        if kind == "statement":
            return self._name(node, "statement", theory.STATEMENTS)
        value = self.number(node)
        if isinstance(value, np.ndarray) and len(value) != seeds:
            raise self._error(node, "has a different number of seeds than the run")
        return value

    def _arguments(
        self, node: ast.Call, name: str, arguments: list[ast.expr], kinds: tuple[str, ...]
    ) -> list[ast.expr]:
        if len(arguments) != len(kinds):
            raise self._error(node, f"has the wrong number of arguments; write {name}({', '.join(kinds)})")
        return arguments

    def _name(self, node: ast.expr, what: str, known: dict) -> str:
        if not isinstance(node, ast.Name) or node.id not in known:
            raise self._error(node, f"is not a {what}; {suggestion(self._source(node), known)}")
        return node.id

    def _single(self, node: ast.expr) -> float:
        value = self.number(node)
        if isinstance(value, np.ndarray):
            raise self._error(node, "has a number for each seed; use mean(...) or std(...)")
        if math.isnan(value) and self.traces is not None:
            raise NotMeasured(f"{self._source(node)} is not a number")
        return value

    def _paired(self, node: ast.expr, combine: Callable[..., Number], *values: Number) -> Number:
        """Combines numbers; where they are over seeds, seed by seed."""
        counts = {len(value) for value in values if isinstance(value, np.ndarray)}
        if len(counts) > 1:
            several = " and ".join(map(str, sorted(counts)))
            raise self._error(node, f"combines runs with {several} seeds")
        with np.errstate(all="ignore"):
            result = combine(*values)
        return result if counts else float(result)

    def _constant(self, node: ast.expr, value: int | float) -> float:
        try:
            return float(value)
        except OverflowError:
            raise self._error(node, "is too large") from None

    def _known(self, op: ast.AST, known: dict[type, Known], node: ast.expr) -> Known:
        if type(op) not in known:
            raise self._error(node, f"is not allowed; {ALLOWED}")
        return known[type(op)]

    def _note(self, node: ast.expr, name: str, value: float) -> float:
        never = "never" if name == "reach" else "infinity"
        place = self._offset(node.col_offset), self._offset(node.end_col_offset)
        self.found[place] = f"{value:.6g}".replace("inf", never)
        return value

    def _source(self, node: ast.expr) -> str:
        return self.text[self._offset(node.col_offset) : self._offset(node.end_col_offset)]

    def _error(self, node: ast.expr, what: str) -> ExpressionError:
        """An error about the node. `what` is wrong with its text."""
        text = self._source(node)
        text = text if len(text) <= 60 else text[:59] + "…"
        return ExpressionError(f"'{text}' {what}", self._offset(node.col_offset))

    def _offset(self, column: int) -> int:
        """The position in the text; Python counts columns in bytes of UTF-8."""
        return len(self.text.encode()[:column].decode())
