#!/usr/bin/python3
"""Finds the best point of a grid, say the best step size, as papers' protocols do. See README.md."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a file: what is imported is the package that this file lies in
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import itertools
import textwrap

try:
    import numpy as np

    from analysis import measures
    from analysis.command import InputError, Parser, exit_code, say, suggestion
    from analysis.documents import Document
    from analysis.quantities import QUANTITIES, quantity
    from analysis.runs import Assignments, Failure, Gossamer, Request
    from analysis.tables import text_table
    from analysis.traces import Trace
except ImportError as missing:
    print(f"best.py: {missing}; install Debian's python3-numpy, python3-h5py, python3-yaml", file=sys.stderr)
    sys.exit(2)

Over = dict[str, list[str]]  # what is varied: the values of each dotted path
VALUE_AT = {"final": measures.final, "best": measures.best}  # of a metric, along a run


# --- a grid and its best point ---


def grid(over: Over) -> list[Assignments]:
    """All points, the last path varying fastest. Without any path it is one point at which nothing is set."""
    return list(itertools.product(*([(path, value) for value in values] for path, values in over.items())))


def score(traces: list[Trace], metric: str, at: str = "final") -> float:
    """Of a point, run with one seed or several: the mean; the worst there is where a run diverged or missed its target."""
    if any(trace.status == "diverged" or misses_target(trace) for trace in traces):
        return measures.worst(metric)
    return float(np.mean([VALUE_AT[at](trace, metric) for trace in traces]))


def misses_target(trace: Trace) -> bool:
    """Whether the scenario has a target and something else ended the run: what it cost says nothing then."""
    has_target = any(path.startswith("stop.target.") for path in trace.parameters)
    return has_target and trace.attributes.get("ended_by", "target") != "target"


def best_of(scores: list[float], metric: str) -> int | None:
    """Which score is best, the first of equals; None where all are the worst there is."""
    better = max if quantity(metric).higher_is_better else min
    chosen = better(range(len(scores)), key=scores.__getitem__)
    return None if scores[chosen] == measures.worst(metric) else chosen


def at_ends(over: Over, point: Assignments) -> dict[str, str]:
    """What of the point lies at an end of the grid, so that a better one may lie beyond, and at which."""
    found = {}
    for path, value in point:
        try:
            values = sorted({float(each) for each in over[path]})
        except ValueError:  # kinds, say, or bandwidths with their units
            continue
        for end, which, more in ((values[0], "least", "lesser"), (values[-1], "greatest", "greater")):
            if len(values) > 1 and float(value) == end:
                found[path] = f"the {which} of its grid; a {more} one may be better"
    return found


def state(trace: Trace) -> str:
    if trace.status == "diverged" and trace.diverged_at is not None:
        return f"diverged at iteration {trace.diverged_at}"
    return "target not reached" if misses_target(trace) else trace.status


# --- the command ---


def main(arguments: list[str] | None = None) -> int:
    return exit_code("best.py", lambda: search(read_options(arguments)))


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "best.py",
        usage="best.py SCENARIO --over PATH=VALUE,VALUE... --metric METRIC [options]",
        description="Runs a scenario at every point of a grid, and says which is best by a metric.",
        epilog=textwrap.dedent(
            """\
            A run that diverged, or did not reach the target it has, is never best. Runs whose traces are in DIR already are not made again, as
            long as the command, the scenario and what is set are the same.

            example
              best.py cd_adam.yaml --over algorithm.step_size=0.001,0.003,0.005 --metric grad_norm -o out/best
            """
        ),
    )
    add, out = parser.add_argument, Path("out/best")
    grid_help = "what is varied; again for the product of several"
    add("scenario", type=Path, metavar="SCENARIO")
    add("--over", action="append", required=True, metavar="PATH=VALUE,...", help=grid_help)
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="for all runs, as for gossamer run")
    add("--metric", required=True, help="accuracies and sparsity: the higher the better; else the lower")
    add("--at", choices=VALUE_AT, default="final", help="the value that counts: the final, or the run's best")
    add("-o", dest="folder", type=Path, default=out, metavar="DIR", help=f"for the traces (default: {out})")
    Gossamer.add_options(parser)
    options = parser.parse_args(arguments)
    if options.metric not in QUANTITIES:
        hint = suggestion(options.metric, QUANTITIES)
        raise InputError(f"best.py: unknown metric '{options.metric}'; {hint}")
    options.set = tuple(_assignment("--set", text) for text in options.set)
    over: Over = {}
    for path, values in (_assignment("--over", text) for text in options.over):
        if path in over:
            raise InputError(f"--over {path}={values}: {path} is varied twice")
        document = Document(f"--over {path}={values}", f"[{values}]", has_lines=False)
        over[path] = [document.flow(item) for item in document.items(document.root, "what is varied")]
    options.over = over
    return options


def _assignment(option: str, text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not path or not equals:
        raise InputError(f"{option} {text}: is no assignment; write path=value, as algorithm.step_size=0.1")
    return path, value


def search(options: argparse.Namespace) -> int:
    points = grid(options.over)
    requests = [Request(options.scenario, options.set + point, options.folder) for point in points]
    results: dict[Request, Trace | Failure] = {}
    for request, result in Gossamer.of(options).results(requests):
        if isinstance(result, Failure) and result.is_bad_input:
            raise InputError(result.reason)
        results[request] = result

    runs = [(point, results[request]) for point, request in zip(points, requests)]
    traces = [(point, result) for point, result in runs if isinstance(result, Trace)]
    try:
        scores = [score([trace], options.metric, options.at) for _, trace in traces]
    except measures.NotMeasured as error:
        raise InputError(error) from None
    chosen = best_of(scores, options.metric) if scores else None
    best = traces[chosen][0] if chosen is not None else None

    rows = []
    for point, result in runs:
        values = [value for _, value in point]
        if isinstance(result, Failure):
            rows.append([*values, "", "failed", ""])
            say(result.reason)
        else:
            value = VALUE_AT[options.at](result, options.metric)
            rows.append([*values, f"{value:.6g}", state(result), "best" if point == best else ""])
    print(text_table([*options.over, options.metric, "status", ""], rows), end="")
    if best is None:
        say("best.py: no run came to its end; there is no best point")
        return 1
    equals = scores.count(scores[chosen])
    if equals > 1:
        print(f"{equals} points are equally good; this is the first")
    for path, remark in at_ends(options.over, best).items():
        print(f"{path}: this is {remark}")
    return 0 if len(traces) == len(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
