#!/usr/bin/python3
"""Checks claims of papers: makes the runs, measures, and says which claims hold. See README.md."""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.command import InputError, Parser, exit_code, importing, say, suggestion, write

with importing("claims.py"):
    from analysis.gossamer import Assignments, Failure, Gossamer, Request, SweepRequest
    from analysis.grids import at_ends, best_of, score, state, told
    from analysis.measures import NotMeasured
    from analysis.papers import Claim, Experiment, Paper, read_paper
    from analysis.runs import Runs
    from analysis.traces import Trace
    from analysis.typesetting import markdown_table, text_table

Results = dict[Request | SweepRequest, Trace | Runs | Failure]


# --- what the runs say ---


@dataclass(frozen=True)
class Chosen:
    """An experiment's runs at the best point of its grid."""

    point: Assignments
    traces: list[Trace]
    scores: dict[Assignments, str]  # of all points, as a table shows them; empty if there is no grid


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    holds: bool | None  # None: it could not be measured
    measured: str  # the expression with numbers, or why it could not be measured
    sides: list[str] = field(default_factory=list)  # of its comparisons, as numbers


@dataclass(frozen=True)
class Report:
    """The results for a paper's claims."""

    paper: Paper
    chosen: dict[str, Chosen | NotMeasured]  # for each needed experiment
    verdicts: list[Verdict]

    @property
    def unexpected(self) -> list[str]:
        return [v.claim.id for v in self.verdicts if v.holds != v.claim.is_expected]

    def of(self, findings: bool) -> list[Verdict]:
        """The verdicts on our own findings, or on the paper's claims."""
        return [v for v in self.verdicts if v.claim.is_finding == findings]


def report_on(paper: Paper, folder: Path, results: Results) -> Report:
    chosen = {experiment.name: choose(experiment, folder, results) for experiment in paper.needed}
    return Report(paper, chosen, [judge(claim, chosen) for claim in paper.claims])


def choose(experiment: Experiment, folder: Path, results: Results) -> Chosen | NotMeasured:
    points = {}
    for point, requests in experiment.requests(folder).items():
        for request in requests:
            if isinstance(failure := results[request], Failure):
                return NotMeasured(f"{request.name}: {failure.reason}")
        points[point] = [results[request] for request in requests]
    if experiment.where is not None:
        return pick(experiment, points[()][0])
    if not experiment.over:
        return Chosen((), points[()], {})
    try:
        scores = {p: score(traces, experiment.metric, experiment.at) for p, traces in points.items()}
        higher_is_better = Runs(trace for traces in points.values() for trace in traces).higher_is_better(experiment.metric)
    except NotMeasured as reason:
        return reason
    best = best_of(list(scores.values()), higher_is_better)
    if best is None:
        ends = dict.fromkeys(told(traces, scores[p]) for p, traces in points.items())
        return NotMeasured(f"'{experiment.name}': {' or '.join(ends)} at every point of its grid")
    point = list(points)[best]
    return Chosen(point, points[point], {p: told(traces, scores[p]) for p, traces in points.items()})


def pick(experiment: Experiment, runs: Runs) -> Chosen | NotMeasured:
    """The runs of a sweep that the experiment selects, by seed."""
    try:
        for path, label in experiment.where.items():
            runs = runs.where(path, label)
    except InputError as error:
        return NotMeasured(f"'{experiment.name}': {error}")
    seeds = experiment.seeds or ["?"]
    found = {trace.parameter("seed"): trace for trace in runs}
    if len(runs) != len(seeds) or (experiment.seeds and set(found) != set(seeds)):
        found = f"'{experiment.name}' selects {len(runs)} runs of {experiment.scenario}"
        return NotMeasured(f"{found}; it needs one for each seed")
    return Chosen((), [found[seed] for seed in seeds] if experiment.seeds else list(runs), {})


def judge(claim: Claim, chosen: dict[str, Chosen | NotMeasured]) -> Verdict:
    try:
        traces = {}
        for name in claim.measured_by.runs:
            found = chosen[name]
            if isinstance(found, NotMeasured):
                raise found
            traces[name] = found.traces
        return Verdict(claim, *claim.measured_by.evaluate(traces))
    except NotMeasured as reason:
        return Verdict(claim, None, str(reason))


# --- the report ---

CLAIMS = ["claim", "the paper says", "measured", "holds", "expected"]
FINDINGS = ["our finding", "what it says", *CLAIMS[2:]]
RUNS = ["run", "scenario", "best of its grid", "status"]
HOLDS = {True: "yes", False: "no", None: "not measured"}
BEGIN, END = "<!-- what holds, as claims.py --readme writes it -->\n", "<!-- end of what holds -->\n"


def claim_tables(report: Report, quote: str = "") -> list[tuple[list[str], list[list[str]]]]:
    """Head and rows for the paper's claims, and for our own findings, where there are any."""
    parts = ((CLAIMS, report.of(findings=False)), (FINDINGS, report.of(findings=True)))
    return [(head, claim_rows(verdicts, quote)) for head, verdicts in parts if verdicts]


def claim_rows(verdicts: list[Verdict], quote: str) -> list[list[str]]:
    """`quote`: the mark around code."""
    rows = []
    for verdict in verdicts:
        claim = verdict.claim
        says = f"{claim.says}\nNote: {claim.note}" if claim.note else claim.says
        measured = verdict.measured
        if verdict.holds is not None:
            lines = (claim.measured_by.text, f"→ {measured}")
            measured = "\n".join(f"{quote}{line}{quote}" for line in lines)
        rows.append([claim.id, says, measured, HOLDS[verdict.holds], HOLDS[claim.is_expected]])
    return rows


def run_rows(report: Report) -> list[list[str]]:
    rows = []
    for experiment in report.paper.needed:
        found, best, status = report.chosen[experiment.name], "", "not measured"
        if isinstance(found, Chosen):
            ends = {path: f" is {remark}" for path, remark in at_ends(experiment.over, found.point).items()}
            best = "\n".join(f"{path}={value}{ends.get(path, '')}" for path, value in found.point)
            status = ", ".join(dict.fromkeys(state(trace) for trace in found.traces))
        rows.append([experiment.name, experiment.scenario.stem, best, status])
    return rows


def grid_tables(report: Report, best: str = "{} *") -> list[tuple[list[str], list[list[str]]]]:
    """Head and rows for each grid: the scores at its points, a row for each run that uses it. `best` formats the best."""
    tables: dict[tuple, tuple[list[str], list[list[str]]]] = {}
    for experiment in report.paper.needed:
        found = report.chosen[experiment.name]
        if not isinstance(found, Chosen) or not experiment.over:
            continue
        values = [", ".join(value for _, value in point) for point in found.scores]
        head = [f"{experiment.at.told(experiment.metric)} by {', '.join(experiment.over)}", *values]
        row = [experiment.name]
        for point, text in found.scores.items():
            row.append(best.format(text) if point == found.point else text)
        tables.setdefault(tuple(head), (head, []))[1].append(row)
    return list(tables.values())


def as_text(report: Report) -> str:
    tables = [text_table(head, rows) for head, rows in claim_tables(report)]
    tables += [text_table(RUNS, run_rows(report)), *(text_table(head, rows) for head, rows in grid_tables(report))]
    odd = report.unexpected
    parts = (("claims", report.of(findings=False)), ("findings", report.of(findings=True)))
    counts = [f"{sum(v.claim.id not in odd for v in part)} of {len(part)} {what}" for what, part in parts if part]
    summary = f"{', '.join(counts)} as expected" + (f"; not: {', '.join(odd)}\n" if odd else "\n")
    return "\n".join([f"{report.paper.title} ({report.paper.path})\n", *tables, summary])


def as_markdown(report: Report) -> str:
    tables = [markdown_table(head, rows) for head, rows in claim_tables(report, "`")]
    tables.append(markdown_table(RUNS, run_rows(report)))
    tables += [markdown_table(head, rows) for head, rows in grid_tables(report, "**{}**")]
    traces = [t for found in report.chosen.values() if isinstance(found, Chosen) for t in found.traces]
    versions = {f"{t.attributes.get('version')} ({t.attributes.get('git_revision')})" for t in traces}
    source = f"From `{report.paper.path}`, measured with gossamer {', '.join(sorted(versions))}.\n"
    return "\n".join([f"## {report.paper.title}\n", *tables, *([source] if versions else [])])


def as_readme(report: Report) -> str:
    """What holds, in short: the paper's claims, then our findings; those on several data sets with a column for each."""
    tables = []
    for (claim, says, *_), verdicts in ((CLAIMS, report.of(findings=False)), (FINDINGS, report.of(findings=True))):
        single = [v for v in verdicts if not v.claim.value]
        rows = [[v.claim.id, v.claim.says, "\n".join(v.sides), _holds(v)] for v in single]
        tables += [markdown_table([claim, says, "measured", "holds"], rows)] if rows else []
        families: dict[str, dict[str, Verdict]] = {}
        for verdict in verdicts:
            if verdict.claim.value:
                families.setdefault(verdict.claim.family, {})[verdict.claim.value] = verdict
        values = list(dict.fromkeys(value for those in families.values() for value in those))
        rows = [
            [family, next(iter(those.values())).claim.says, *(_cell(those.get(value)) for value in values)]
            for family, those in families.items()
        ]
        tables += [markdown_table([claim, says, *values], rows)] if rows else []
    return "\n".join(tables)


def _holds(verdict: Verdict) -> str:
    return f"**{HOLDS[verdict.holds]}**" if verdict.holds is not True else HOLDS[True]


def _cell(verdict: Verdict | None) -> str:
    return "" if verdict is None else "\n".join([_holds(verdict), *verdict.sides])


def readme_of(paper: Paper) -> tuple[Path, str, str, str]:
    """The README beside a file of claims, its text before and after what holds, which stands between two marks, and how
    its lines end."""
    path = paper.path.parent / "README.md"
    try:
        if not path.is_file():
            raise OSError("it is no file")
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        line_end = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"{path}: has no place for what holds; it is between {BEGIN.strip()} and {END.strip()}")
    if BEGIN in after:
        raise InputError(f"{path}: has two places for what holds; leave one {BEGIN.strip()}")
    return path, before + begin, end + after, line_end


def write_readme(report: Report) -> None:
    path, before, after, line_end = readme_of(report.paper)
    write(path, f"{before}\n{as_readme(report)}\n{after}".replace("\n", line_end).encode())


# --- the command ---


def main(arguments: list[str] | None = None) -> int:
    return exit_code("claims.py", lambda: check(read_options(arguments)))


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "claims.py",
        usage="claims.py FILE... [--only ID,...] [-o DIR] [--markdown FILE] [options]",
        description="Checks the claims of papers: makes the runs that they need, and says which claims hold.",
        epilog=textwrap.dedent(
            """\
            A file of claims lists runs (a scenario with settings, or the best point of a grid) and claims
            (an expression over the metrics of these runs). analysis/README.md describes the format.

            Runs whose finished traces are in DIR are not made again, as long as the scenario, the settings and
            what they name are the same. Exit codes: 0 all claims as expected, 1 not all, 2 bad input.

            example
              claims.py scenarios/*/claims.yaml --markdown claims.md
            """
        ),
    )
    add, out = parser.add_argument, Path("out/claims")
    add("files", nargs="+", type=Path, metavar="FILE", help="a file of claims (YAML)")
    add("--only", metavar="ID,...", help="only these claims, and the runs that they need")
    add("-o", dest="folder", type=Path, default=out, metavar="DIR", help=f"folder for the traces (default: {out})")
    add("--markdown", type=Path, metavar="FILE", help="write the same tables as Markdown, too")
    add("--readme", action="store_true", help="write what holds into the README.md beside each file, too")
    Gossamer.add_options(parser)
    options = parser.parse_args(arguments)
    if options.readme and options.only:
        raise InputError("claims.py: --readme: takes all claims; leave --only out")
    return options


def check(options: argparse.Namespace) -> int:
    papers = select([read_paper(path) for path in options.files], options.only)
    for paper in papers if options.readme else []:
        readme_of(paper)  # before the first run
    requests = [
        request
        for paper in papers
        for experiment in paper.needed
        for runs in experiment.requests(options.folder).values()
        for request in runs
    ]
    results: Results = dict(Gossamer.of(options).results(requests))
    reports = [report_on(paper, options.folder, results) for paper in papers]
    print("\n".join(map(as_text, reports)), end="")
    if options.markdown:
        write(options.markdown, "\n".join(map(as_markdown, reports)).encode())
    for report in reports if options.readme else []:
        write_readme(report)
    refused = [result for result in results.values() if isinstance(result, Failure) and result.is_bad_input]
    for reason in dict.fromkeys(result.reason for result in refused):
        say(reason)
    return 2 if refused else 1 if any(report.unexpected for report in reports) else 0


def select(papers: list[Paper], only: str | None) -> list[Paper]:
    """The papers with the claims whose ids are given; all claims if there are none."""
    if only is None:
        return papers
    wanted = [name.strip() for name in only.split(",")]
    known = [claim.id for paper in papers for claim in paper.claims]
    for name in wanted:
        if name not in known:
            raise InputError(f"claims.py: --only: unknown claim '{name}'; {suggestion(name, known)}")
    chosen = [(paper, [claim for claim in paper.claims if claim.id in wanted]) for paper in papers]
    return [replace(paper, claims=claims) for paper, claims in chosen if claims]


if __name__ == "__main__":
    sys.exit(main())
