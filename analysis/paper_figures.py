#!/usr/bin/python3
"""Draws the figures of papers: makes the runs, and hands their traces to the commands that draw. See README.md."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from analysis.command import InputError, Parser, exit_code, importing, say, suggestion

with importing("paper_figures.py"):
    from analysis import against, histograms, plot, time_split, topology, winners
    from analysis.claims import Chosen, Results, choose
    from analysis.gossamer import Failure, Gossamer, Request, SweepRequest
    from analysis.measures import NotMeasured
    from analysis.papers import DRAWERS, Figure, Paper, read_paper

MODULES = dict(zip(DRAWERS, (plot, against, winners, time_split, topology, histograms), strict=True))


def main(arguments: list[str] | None = None) -> int:
    return exit_code("paper_figures.py", lambda: draw(read_options(arguments)))


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "paper_figures.py",
        usage="paper_figures.py FILE... [--only NAME,...] [-o DIR] [options]",
        description="Draws the figures that files of claims list, each as NAME.svg in the folder of its file, of the "
        "same runs as the claims.",
        epilog=textwrap.dedent(
            """\
            Runs whose finished traces are kept are not made again, by the rule of claims.py. analysis/README.md
            describes the format. Exit codes: 0 all drawn, 1 a run failed, 2 bad input.

            example
              paper_figures.py scenarios/cd_adam/claims.yaml --only figure2,figure4
            """
        ),
    )
    add, traces = parser.add_argument, Path("out/claims")
    add("files", nargs="+", type=Path, metavar="FILE", help="a file of claims (YAML)")
    add("--only", metavar="NAME,...", help="only these figures, and the runs that they need")
    add("-o", dest="folder", type=Path, metavar="DIR", help="folder for the figures (default: that of the file of claims)")
    add("--traces", type=Path, default=traces, metavar="DIR", help=f"folder for the traces (default: {traces})")
    Gossamer.add_options(parser)
    return parser.parse_args(arguments)


def draw(options: argparse.Namespace) -> int:
    papers = [read_paper(path) for path in options.files]
    figures = select(papers, options.only)
    for figure, path in figures.items():
        check(figure, path)
    requests = [request for figure in figures for request in requests_of(figure, options.traces)]
    results: Results = dict(Gossamer.of(options).results(requests))
    codes = {0}
    for figure, path in figures.items():
        found = traces_of(figure, options.traces, results)
        if isinstance(found, Failure):
            say(f"{figure.place}: figure '{figure.name}' is not drawn: {found.reason}")
            codes.add(2 if found.is_bad_input else 1)
            continue
        output = (options.folder or path.parent) / f"{figure.name}.svg"
        code = MODULES[figure.drawer].main([*map(str, found), *figure.options, "-o", str(output)])
        if code == 0:
            print(output)
        codes.add(code)
    return max(codes)


def select(papers: list[Paper], only: str | None) -> dict[Figure, Path]:
    """The figures with these names, or all, with the files that list them."""
    every = {figure: paper.path for paper in papers for figure in paper.figures.values()}
    if only is None:
        return every
    wanted = [name.strip() for name in only.split(",")]
    known = [figure.name for figure in every]
    for name in wanted:
        if name not in known:
            raise InputError(f"paper_figures.py: --only: unknown figure '{name}'; {suggestion(name, known)}")
    return {figure: path for figure, path in every.items() if figure.name in wanted}


def check(figure: Figure, path: Path) -> None:
    """Refuses options that the command would refuse, before the first run."""
    try:
        options = MODULES[figure.drawer].read_options(["trace.h5", *figure.options, "-o", f"{figure.name}.svg"])
    except InputError as error:
        raise InputError(f"{figure.place}: {error}") from None
    if len(options.traces) > 1:
        raise InputError(f"{figure.place}: 'draw' names the trace '{options.traces[1]}'; leave it out, 'runs' names the runs")


def requests_of(figure: Figure, folder: Path) -> list[Request | SweepRequest]:
    if figure.sweep:
        return [SweepRequest(figure.sweep, folder / figure.sweep.resolve().parent.name)]
    return [request for each in figure.experiments for runs in each.requests(folder).values() for request in runs]


def traces_of(figure: Figure, folder: Path, results: Results) -> list[Path] | Failure:
    """The traces to draw: of a grid those of the best point."""
    found = [results[request] for request in requests_of(figure, folder)]
    if (failure := next((each for each in found if isinstance(each, Failure)), None)) is not None:
        return failure
    if figure.sweep:
        return [trace.path for trace in found[0]]
    paths = []
    for experiment in figure.experiments:
        chosen = choose(experiment, folder, results)
        if isinstance(chosen, NotMeasured):
            return Failure(str(chosen), is_bad_input=False)
        paths += [trace.path for trace in chosen.traces]
    return paths


if __name__ == "__main__":
    sys.exit(main())
