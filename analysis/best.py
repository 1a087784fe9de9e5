#!/usr/bin/python3
"""Finds the best point of a grid, such as the best step size, as papers' protocols do. See README.md."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from pathlib import Path

from analysis.command import InputError, Parser, assignment, exit_code, importing, say, suggestion, with_single_assignments

with importing("best.py"):
    from analysis.documents import read_list
    from analysis.gossamer import Failure, Gossamer, Request
    from analysis.grids import Over, at_ends, best_of, points_of, repeated, score, state
    from analysis.quantities import QUANTITIES
    from analysis.runs import Runs, add_run_options, chosen_runs, finished, note_what_is_averaged
    from analysis.targets import add_at
    from analysis.traces import Trace
    from analysis.typesetting import over_seeds, text_table


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        return search(options) if options.scenario else compare(options)

    return exit_code("best.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "best.py",
        usage="best.py SCENARIO --over PATH=VALUE,VALUE... --metric METRIC [options]\n"
        "       best.py TRACE... --over PATH... --metric METRIC [options]",
        description="Finds the point of a grid with the best value of a metric: runs a scenario at every point, or reads "
        "the traces of a sweep.",
        epilog=textwrap.dedent(
            """\
            A run that diverged, or that did not reach its target, is never best. Runs whose finished traces are
            in DIR are not made again, as long as the scenario, the settings and what they name are the same. With
            traces, points are compared by their means over seeds. If more was varied than --over names, there is
            a best point for each value of the rest.

            examples
              best.py cd_adam.yaml --over algorithm.step_size=0.001,0.003,0.005 --metric grad_norm -o out/best
              best.py out/sweep --over algorithm.step_size --metric test_accuracy --at best
            """
        ),
    )
    add, out = parser.add_argument, Path("out/best")
    add_run_options(parser, "a scenario; or traces, or directories of them (*.h5)")
    help = "what is varied; repeat for several parameters"
    add("--over", action="append", required=True, metavar="PATH[=VALUE,...]", help=help)
    add("--metric", required=True, help="what is compared; the traces say whether higher or lower is better")
    add_at(parser, "compare the final values (default), the best along each run, or the last within a budget: time=60s")
    scenario = parser.add_argument_group("with a scenario")
    add = scenario.add_argument
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="settings for all runs, as for gossamer run: PATH=VALUE ...")
    add("-o", dest="folder", type=Path, default=out, metavar="DIR", help=f"folder for the traces (default: {out})")
    Gossamer.add_options(scenario)
    given = with_single_assignments(sys.argv[1:] if arguments is None else arguments, "--set")
    options = parser.parse_intermixed_args(given)
    paths = [Path(given) for given in options.traces]
    options.scenario = None if all(os.path.isdir(path) or path.suffix == ".h5" for path in paths) else paths[0]
    if options.scenario is None:
        if options.set:
            raise InputError("best.py: --set is for the runs of a scenario; with traces use --where")
        for text in options.over:
            if "=" in text:
                raise InputError(f"--over {text}: the values come from the traces; choose some with --where {text}")
        return options
    if len(paths) > 1 or options.where:
        raise InputError("best.py: give either one scenario, without --where, or traces and directories of them")
    if options.metric not in QUANTITIES:  # otherwise all runs would be made in vain
        hint = suggestion(options.metric, QUANTITIES)
        raise InputError(f"best.py: unknown metric '{options.metric}'; {hint}")
    options.set = tuple(assignment("--set", text, EXAMPLE) for text in options.set)
    over: Over = {}
    for path, text in (assignment("--over", text, EXAMPLE) for text in options.over):
        option = f"--over {path}={text}"
        document, items = read_list(option, text, "the value list")
        values = [document.flow(item) for item in items]
        if path in over:
            raise InputError(f"{option}: {path} is varied twice")
        if (twice := repeated(values)) is not None:
            raise InputError(f"{option}: {values[twice]} is listed twice")
        for known, value in options.set:
            if f"{known}.".startswith(f"{path}."):
                raise InputError(f"{option}: would replace what --set {known}={value} sets; leave one of them out")
        for known in over:
            if known.startswith(f"{path}."):
                raise InputError(f"{option}: would replace what --over {known} varies; leave one of them out")
        over[path] = values
    options.over = over
    return options


EXAMPLE = "path=value, such as algorithm.step_size=0.1"


def compare(options: argparse.Namespace) -> int:
    """Prints the best point among traces, for each value of whatever else was varied."""
    runs = finished("best.py", chosen_runs(options))
    over = {path: runs.values(path) for path in options.over}
    others = [path for path in runs.varied() if path not in over]
    higher_is_better = runs.higher_is_better(options.metric)
    rows, best_values = [], []
    points = {key: group.groups(list(over)) for key, group in runs.groups(others).items()}
    note_what_is_averaged("best.py", (those for grid in points.values() for those in grid.values()))
    for key, grid in points.items():
        chosen = best_of([score(those, options.metric, options.at) for those in grid.values()], higher_is_better)
        if chosen is None:
            rows.append([*key, *("" for _ in over), "every run diverged or missed its target"])
            best_values.append([])
            continue
        point = list(grid)[chosen]
        assignments = tuple(zip(over, point))
        own = {path: [values[i] for values in grid] for i, path in enumerate(over)}
        remarks = [f"{path} is {remark}" for path, remark in at_ends(own, assignments).items()]
        rows.append([*key, *point, "\n".join(remarks)])
        best_values.append([options.at.value(trace, options.metric) for trace in grid[point]])
    head, cells = over_seeds(options.metric, runs.meaning(options.metric).unit, best_values)
    table = [[*row[:-1], cell, row[-1]] for row, cell in zip(rows, cells)]
    print(text_table([*others, *over, head, ""], table), end="")
    return 0 if any(best_values) else 1


def search(options: argparse.Namespace) -> int:
    points = points_of(options.over)
    requests = [Request(options.scenario, options.set + point, options.folder) for point in points]
    results: dict[Request, Trace | Failure] = {}
    for request, result in Gossamer.of(options).results(requests):
        if isinstance(result, Failure) and result.is_bad_input:
            raise InputError(result.reason)
        if isinstance(result, Trace):
            result.higher_is_better(options.metric)  # if it does not say, no more runs are needed
        results[request] = result

    runs = [(point, results[request]) for point, request in zip(points, requests)]
    traces = [(point, result) for point, result in runs if isinstance(result, Trace)]
    scores = [score([trace], options.metric, options.at) for _, trace in traces]
    chosen = best_of(scores, Runs(trace for _, trace in traces).higher_is_better(options.metric)) if traces else None
    best = traces[chosen][0] if chosen is not None else None

    rows = []
    for point, result in runs:
        values = [value for _, value in point]
        if isinstance(result, Failure):
            rows.append([*values, "", "failed", ""])
            say(result.reason)
        else:
            value = options.at.value(result, options.metric)
            rows.append([*values, f"{value:.6g}", state(result), "best" if point == best else ""])
    print(text_table([*options.over, options.metric, "status", ""], rows), end="")
    if best is None:
        say("best.py: no best point: every run failed, diverged or missed its target")
        return 1
    equals = scores.count(scores[chosen])
    if equals > 1:
        print(f"{equals} points are equally good; the first is marked")
    for path, remark in at_ends(options.over, best).items():
        print(f"{path}: this is {remark}")
    return 0 if len(traces) == len(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
