#!/usr/bin/python3
"""Writes the final values of runs as a table for a paper: means and standard deviations over seeds. See README.md."""

from __future__ import annotations

import argparse
import functools
import math
import sys
from pathlib import Path

from analysis.command import InputError, Parser, exit_code, importing, names, write

with importing("table.py"):
    from analysis.measures import mean_and_std
    from analysis.quantities import quantity
    from analysis.runs import Runs, add_run_options, chosen_runs, finished, note_what_is_averaged
    from analysis.targets import Pairs, add_value_options, check_value_options, measured, measuring
    from analysis.traces import ABSENT
    from analysis.typesetting import FORMATS, Format, how_many, over_seeds


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        text = table_of(finished("table.py", chosen_runs(options)), options)
        if options.output:
            write(options.output, text.encode())
        else:
            print(text, end="")
        return 0

    return exit_code("table.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "table.py",
        usage="table.py TRACE... --rows PATH[,PATH] --values METRIC[,METRIC] [options]",
        description="Writes a table: a row for each value of some parameters, a column for each metric. A cell "
        "is the mean over the seeds ± the standard deviation. The best of each column is bold.",
        epilog="examples\n"
        "  table.py out/table3 --rows problem.dataset,algorithm --values test_accuracy,sparsity\n"
        "  table.py out/bandwidth --rows algorithm --columns network.bandwidth --values time --target grad_norm=0.01 "
        "--format latex",
    )
    add_run_options(parser)
    add = parser.add_argument
    add("--rows", required=True, type=names, metavar="PATH[,PATH]", help="a row for each value of these parameters")
    add("--columns", metavar="PATH", help="a set of columns for each value of this parameter")
    add("--values", required=True, type=names, metavar="METRIC[,METRIC]", help="the metrics in the columns")
    add_value_options(parser)
    help = "show by how much each run differs from the run with this value and the same seed; of costs, their ratio"
    add("--paired", metavar="PATH=VALUE", help=help)
    add("--format", choices=FORMATS, default="markdown", help="latex: a tabular that needs the package booktabs")
    add("-o", "--output", type=Path, metavar="FILE", help="where to write it (default: standard output)")
    options = parser.parse_intermixed_args(arguments)
    if options.columns in options.rows:
        raise InputError(f"table.py: --columns {options.columns}: is already in --rows")
    check_value_options("table.py", options)
    return options


def table_of(runs: Runs, options: argparse.Namespace) -> str:
    form: Format = FORMATS[options.format]
    pairs = Pairs("table.py", runs, options.paired) if options.paired else None
    runs = pairs.runs if pairs else runs
    rows = runs.groups(options.rows)
    values = runs.values(options.columns) if options.columns else [""]
    cells = {
        (row, value): those.groups([options.columns]).get((value,), Runs()) if options.columns else those
        for row, those in rows.items()
        for value in values
    }
    head, columns = [form.text(path) for path in options.rows], []
    for value in values:
        for metric in options.values:
            name, column = column_of(metric, [cells[row, value] for row in rows], options, pairs)
            head.append(form.text(", ".join(part for part in (value, name) if part)))
            columns.append([form.bold.format(form.number(text)) if best else form.number(text) for text, best in column])
    note_what_is_averaged("table.py", cells.values())
    if options.target:
        options.target.note_early("table.py", runs)
    body = [[*map(form.text, row), *texts] for row, *texts in zip(rows, *columns)]
    return form.table(head, body) + remark(form, list(cells.values()), options, pairs)


def column_of(
    metric: str, cells: list[Runs], options: argparse.Namespace, pairs: Pairs | None
) -> tuple[str, list[tuple[str, bool]]]:
    """The head of a column, and for each cell its text and whether it is the best."""
    traces = measuring(metric, cells)
    measure = functools.partial(measured, metric=metric, options=options)
    if pairs:
        numbers = [[pairs.beside(trace, measure, metric) for trace in those] for those in traces]
    else:
        numbers = [[measure(trace) for trace in those] for those in traces]
    meaning = Runs(trace for those in traces for trace in those).meaning(metric)
    name, unit = metric, meaning.unit
    if pairs:
        name, unit = pairs.name(metric), "" if quantity(metric).is_counted else unit
    head, texts = over_seeds(name, unit, numbers, "not reached" if options.target else "diverged")
    sound = {i: mean_and_std(n)[0] for i, n in enumerate(numbers) if n and all(map(math.isfinite, n))}
    better = {"lower": min, "higher": max}.get("lower" if options.target else meaning.better)
    best = better(sound.values()) if better and len(sound) > 1 else None
    return head, [(text or ABSENT, i in sound and sound[i] == best) for i, text in enumerate(texts)]


def remark(form: Format, cells: list[Runs], options: argparse.Namespace, pairs: Pairs | None) -> str:
    counts = [len(runs) for runs in cells if runs]
    what = f"Until {options.target} is reached. " if options.target else ""
    what += f"At {options.at}. " if options.at.budget else ""
    what += f"Each run beside that with {pairs.path} {pairs.value} and the same seed. " if pairs else ""
    if max(counts) > 1:
        what += f"Mean and standard deviation (of the sample, n - 1) of {how_many(counts)} runs. "
    return form.remark.format(form.text(what.strip())) if what else ""


if __name__ == "__main__":
    sys.exit(main())
