#!/usr/bin/python3
"""Checks the claims of papers: runs what they need, measures, and says which hold. See README.md."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a file: what is imported is the package that this file lies in
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import keyword
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from analysis.command import InputError, Parser, exit_code, importing, say, suggestion, write

with importing("claims.py"):
    import yaml

    from analysis.best import Over, at_ends, best_of, grid, repeated, score, state
    from analysis.documents import Document, Entry, Node, substituted
    from analysis.expressions import Expression, ExpressionError
    from analysis.measures import VALUE_AT, NotMeasured, worst
    from analysis.quantities import QUANTITIES
    from analysis.runs import Assignments, Failure, Gossamer, Request, SweepRequest
    from analysis.sweeps import Runs
    from analysis.traces import Trace
    from analysis.typesetting import markdown_table, text_table

EXPECTATIONS = ("reproduces", "does not reproduce")

Results = dict[Request | SweepRequest, Trace | Runs | Failure]


# --- what a file of claims holds ---


@dataclass(frozen=True)
class Experiment:
    """What a claim calls a run: one scenario, or the best of a grid of them, with one seed or several; or of a sweep's runs
    those with some labels.
    """

    name: str
    scenario: Path
    fixed: Assignments = ()
    over: Over = field(default_factory=dict)  # empty: there is nothing to choose
    metric: str = ""  # by which the best is chosen
    at: str = "final"
    seeds: list[str] | None = None  # None: the scenario's own
    where: dict[str, str] | None = None  # None: the scenario is no sweep

    def requests(self, folder: Path) -> dict[Assignments, list[Request | SweepRequest]]:
        """For each point of the grid, a run for each seed; the traces' folder is named as the scenario's."""
        folder /= self.scenario.resolve().parent.name
        if self.where is not None:
            return {(): [SweepRequest(self.scenario, folder)]}
        seeds = [()] if self.seeds is None else [(("seed", seed),) for seed in self.seeds]
        return {
            point: [Request(self.scenario, self.fixed + point + seed, folder) for seed in seeds]
            for point in grid(self.over)
        }


@dataclass(frozen=True)
class Claim:
    id: str
    says: str
    measured_by: Expression
    is_expected: bool  # to reproduce
    note: str


@dataclass(frozen=True)
class Paper:
    path: Path
    title: str
    experiments: dict[str, Experiment]
    claims: list[Claim]

    @property
    def needed(self) -> list[Experiment]:
        names = {name for claim in self.claims for name in claim.measured_by.runs}
        return [experiment for name, experiment in self.experiments.items() if name in names]


def read_paper(path: Path) -> Paper:
    document = Document.read(path)
    top = document.entries(document.root, "the file", ("paper", "runs", "claims"), ("for_each",))
    each = _read_for_each(document, top.get("for_each"))
    experiments, keys = {}, {}
    for entry in document.entries(top["runs"].value, "'runs'").values():
        key = entry.key
        for _, (name_node, node) in each.copies([key, entry.value]):
            name = document.text(name_node, "a key")
            if not name.isidentifier() or keyword.iskeyword(name) or name == "infinity":
                raise document.fault(key, f"'{name}' cannot name a run; it takes letters, digits and _")
            if name in experiments:
                raise document.fault(key, f"there is a run '{name}' already")
            keys[name] = key
            experiments[name] = _read_experiment(document, name, node)
    seeds = {name: None if e.seeds is None else len(e.seeds) for name, e in experiments.items()}
    claims: list[Claim] = []
    for given in document.items(top["claims"].value, "'claims'"):
        for value, (node,) in each.copies([given]):
            node = _for_value(document, node, value, each)
            claims.append(_read_claim(document, node, seeds, [claim.id for claim in claims]))
    for name, key in keys.items():
        if not any(name in claim.measured_by.runs for claim in claims):
            raise document.fault(key, f"no claim uses the run '{name}'")
    return Paper(path, document.text(top["paper"].value, "'paper'"), experiments, claims)


@dataclass(frozen=True)
class ForEach:
    """What is written once and holds for several values: "$data" stands for each of them."""

    name: str = ""
    values: tuple[str, ...] = ()

    def copies(self, nodes: list[Node]) -> Iterator[tuple[str | None, list[Node]]]:
        """For each value, it and the nodes with it; or once the nodes, where they do not speak of it."""
        if not self.name or not any(_speaks_of(node, self.name) for node in nodes):
            yield None, nodes
            return
        for value in self.values:
            yield value, [substituted(node, self.name, value) for node in nodes]


def _speaks_of(node: Node, name: str) -> bool:
    if isinstance(node.value, str):
        return name in node.value
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return any(_speaks_of(part, name) for part in parts)


def _read_for_each(document: Document, given: Entry | None) -> ForEach:
    if given is None:
        return ForEach()
    entries = document.entries(given.value, "'for_each'")
    if len(entries) != 1:
        raise document.fault(given.value, "'for_each' takes one name with a list of values, {data: [a9a, w8a]}")
    ((name, entry),) = entries.items()
    values = [document.text(value, "a value") for value in document.items(entry.value, f"'{name}'")]
    if (twice := repeated(values)) is not None:
        raise document.fault(document.items(entry.value, "")[twice], f"{values[twice]} is there twice")
    return ForEach("$" + name, tuple(values))


def _read_path(document: Document, node: Node, what: str) -> Path:
    path = Path(document.name).parent / document.text(node, what)
    if not path.is_file():
        raise document.fault(node, f"{path}: no such file; it takes the path of a scenario")
    return path


def _read_sweep(document: Document, name: str, node: Node) -> Experiment:
    """Of a sweep over seeds among others, the runs with some labels."""
    given = document.entries(node, f"run '{name}'", ("sweep", "where"), ())
    path = _read_path(document, given["sweep"].value, "'sweep'")
    sweep = Document.read(path)
    section = sweep.entries(sweep.root, "the scenario").get("sweep")
    if section is None:
        raise document.fault(given["sweep"].value, f"{path}: has no sweep")
    swept = sweep.entries(section.value, "'sweep'")
    seeds = None
    if "seed" in swept:
        seeds = [sweep.text(seed, "a seed") for seed in sweep.items(swept["seed"].value, "'seed'")]
    where = document.entries(given["where"].value, "'where'")
    labels = {key: document.text(entry.value, f"'{key}'") for key, entry in where.items()}
    return Experiment(name, path, seeds=seeds if seeds and len(seeds) > 1 else None, where=labels)


def _read_experiment(document: Document, name: str, node: Node) -> Experiment:
    if "sweep" in document.entries(node, f"run '{name}'"):
        return _read_sweep(document, name, node)
    given = document.entries(node, f"run '{name}'", ("scenario",), ("set", "best_of", "seeds"))
    scenario = _read_path(document, given["scenario"].value, "'scenario'")
    taken: list[str] = []

    def take(path: str, at: Node) -> str:
        if path in taken:
            raise document.fault(at, f"'{path}' is given twice in run '{name}'")
        if (lost := next((known for known in taken if known.startswith(f"{path}.")), None)) is not None:
            raise document.fault(at, f"'{path}' would replace what sets '{lost}' before it; leave one of them out")
        taken.append(path)
        return path

    fixed: Assignments = ()
    if "set" in given:
        entries = document.entries(given["set"].value, "'set'")
        fixed = tuple((take(path, e.key), document.flow(e.value)) for path, e in entries.items())
    over: Over = {}
    metric, at = "", "final"
    if "best_of" in given:
        choice = document.entries(given["best_of"].value, "'best_of'", ("over", "metric"), ("at",))
        varied = document.entries(choice["over"].value, "'over'")
        if not varied:
            raise document.fault(choice["over"].value, "'over' is empty; it takes what is varied, {path: [a, b, ...]}")
        for path, entry in varied.items():
            values = document.items(entry.value, f"'{path}'")
            over[take(path, entry.key)] = flows = [document.flow(value) for value in values]
            if (twice := repeated(flows)) is not None:
                raise document.fault(values[twice], f"{flows[twice]} is there twice")
        metric = document.choice(choice["metric"].value, "metric", QUANTITIES)
        at = document.choice(choice["at"].value, "'at'", VALUE_AT) if "at" in choice else at
    seeds = None
    if "seeds" in given:
        take("seed", given["seeds"].key)
        seeds = [document.text(seed, "a seed") for seed in document.items(given["seeds"].value, "'seeds'")]
        if len(seeds) < 2 or repeated(seeds) is not None:
            raise document.fault(given["seeds"].value, "'seeds' takes two different ones or more")
    return Experiment(name, scenario, fixed, over, metric, at, seeds)


def _for_value(document: Document, claim: Node, value: str | None, each: ForEach) -> Node:
    """The claim with what it expects and notes for this value, where it is a map of the values."""
    if value is None or not isinstance(claim, yaml.MappingNode):
        return claim
    pairs = []
    for key, node in claim.value:
        if key.value in ("expect", "note") and isinstance(node, yaml.MappingNode):
            own = document.entries(node, f"'{key.value}'", (), each.values)
            pairs += [(key, own[value].value)] if value in own else []
        else:
            pairs.append((key, node))
    return yaml.MappingNode(claim.tag, pairs, claim.start_mark, claim.end_mark, claim.flow_style)


def _read_claim(document: Document, node: Node, seeds: dict[str, int | None], ids: list[str]) -> Claim:
    given = document.entries(node, "a claim", ("id", "says", "measured_by"), ("expect", "note"))
    texts = {key: document.text(entry.value, f"'{key}'") for key, entry in given.items()}
    if texts["id"] in ids:
        raise document.fault(given["id"].value, f"an earlier claim has the id '{texts['id']}' already")
    if "expect" in given:
        document.choice(given["expect"].value, "'expect'", EXPECTATIONS)
    try:
        expression = Expression(texts["measured_by"], seeds)
    except ExpressionError as error:
        raise document.fault(given["measured_by"].value, str(error), error.offset) from None
    is_expected = texts.get("expect", EXPECTATIONS[0]) == EXPECTATIONS[0]
    return Claim(texts["id"], texts["says"], expression, is_expected, texts.get("note", ""))


# --- what the runs say ---


@dataclass(frozen=True)
class Chosen:
    """An experiment's runs at the best point of its grid."""

    point: Assignments
    traces: list[Trace]
    scores: dict[Assignments, float]  # of all points; none where there is nothing to choose


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    holds: bool | None  # None: it could not be measured
    measured: str  # the expression with its numbers, or why there are none


@dataclass(frozen=True)
class Report:
    """A paper's claims, and what became of them."""

    paper: Paper
    chosen: dict[str, Chosen | NotMeasured]  # of each experiment that was needed
    verdicts: list[Verdict]

    @property
    def unexpected(self) -> list[str]:
        return [v.claim.id for v in self.verdicts if v.holds != v.claim.is_expected]


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
    except NotMeasured as reason:
        return reason
    best = best_of(list(scores.values()), experiment.metric)
    if best is None:
        return NotMeasured(f"'{experiment.name}' diverged at every point of its grid")
    point = list(points)[best]
    return Chosen(point, points[point], scores)


def pick(experiment: Experiment, runs: Runs) -> Chosen | NotMeasured:
    """Of a sweep's runs those that are meant, by seed."""
    try:
        for path, label in experiment.where.items():
            runs = runs.where(path, label)
    except InputError as error:
        return NotMeasured(f"'{experiment.name}': {error}")
    seeds = experiment.seeds or ["?"]
    found = {trace.parameter("seed"): trace for trace in runs}
    if len(runs) != len(seeds) or (experiment.seeds and set(found) != set(seeds)):
        return NotMeasured(f"'{experiment.name}' is {len(runs)} runs of {experiment.scenario}; it takes one for each seed")
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
RUNS = ["run", "scenario", "best of its grid", "status"]


def claim_rows(report: Report, quote: str = "") -> list[list[str]]:
    """`quote`: what stands around code."""
    words = {True: "yes", False: "no", None: "not measured"}
    rows = []
    for verdict in report.verdicts:
        claim = verdict.claim
        says = f"{claim.says}\nNote: {claim.note}" if claim.note else claim.says
        measured = verdict.measured
        if verdict.holds is not None:
            lines = (claim.measured_by.text, f"→ {measured}")
            measured = "\n".join(f"{quote}{line}{quote}" for line in lines)
        rows.append([claim.id, says, measured, words[verdict.holds], words[claim.is_expected]])
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
    """Of each grid, head and rows: what the runs that choose from it have at its points. `best` marks the best."""
    tables: dict[tuple, tuple[list[str], list[list[str]]]] = {}
    for experiment in report.paper.needed:
        found = report.chosen[experiment.name]
        if not isinstance(found, Chosen) or not experiment.over:
            continue
        values = [", ".join(value for _, value in point) for point in found.scores]
        head = [f"{experiment.at} {experiment.metric} by {', '.join(experiment.over)}", *values]
        row = [experiment.name]
        for point, number in found.scores.items():
            text = "diverged" if number == worst(experiment.metric) else f"{number:.4g}"
            row.append(best.format(text) if point == found.point else text)
        tables.setdefault(tuple(head), (head, []))[1].append(row)
    return list(tables.values())


def as_text(report: Report) -> str:
    tables = [text_table(CLAIMS, claim_rows(report)), text_table(RUNS, run_rows(report))]
    tables += [text_table(head, rows) for head, rows in grid_tables(report)]
    count, odd = len(report.verdicts), report.unexpected
    summary = f"{count - len(odd)} of {count} claims as expected"
    summary += f"; not: {', '.join(odd)}\n" if odd else "\n"
    return "\n".join([f"{report.paper.title} ({report.paper.path})\n", *tables, summary])


def as_markdown(report: Report) -> str:
    tables = [markdown_table(CLAIMS, claim_rows(report, "`")), markdown_table(RUNS, run_rows(report))]
    tables += [markdown_table(head, rows) for head, rows in grid_tables(report, "**{}**")]
    traces = [t for found in report.chosen.values() if isinstance(found, Chosen) for t in found.traces]
    versions = {f"{t.attributes.get('version')} ({t.attributes.get('git_revision')})" for t in traces}
    source = f"From `{report.paper.path}`, measured with gossamer {', '.join(sorted(versions))}.\n"
    return "\n".join([f"## {report.paper.title}\n", *tables, *([source] if versions else [])])


# --- the command ---


def main(arguments: list[str] | None = None) -> int:
    return exit_code("claims.py", lambda: check(read_options(arguments)))


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "claims.py",
        usage="claims.py FILE... [--only ID,...] [-o DIR] [--markdown FILE] [options]",
        description="Makes the runs that claims need, and says which claims hold.",
        epilog=textwrap.dedent(
            """\
            A file of claims names runs (a scenario each, with what is set in it, or the best of a grid) and
            claims (an expression each, over the runs' metrics). analysis/README.md has the format.

            Runs whose traces are in DIR already are not made again, as long as the command, the scenario and
            what is set are the same. Exit codes: 0 all claims as expected, 1 not all, 2 bad input.

            example
              claims.py scenarios/*/claims.yaml --markdown claims.md
            """
        ),
    )
    add, out = parser.add_argument, Path("out/claims")
    add("files", nargs="+", type=Path, metavar="FILE", help="claims in YAML")
    add("--only", metavar="ID,...", help="these claims only, and what they need")
    add("-o", dest="folder", type=Path, default=out, metavar="DIR", help=f"for the traces (default: {out})")
    add("--markdown", type=Path, metavar="FILE", help="the same tables, as Markdown")
    Gossamer.add_options(parser)
    return parser.parse_args(arguments)


def check(options: argparse.Namespace) -> int:
    papers = select([read_paper(path) for path in options.files], options.only)
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
    refused = [result for result in results.values() if isinstance(result, Failure) and result.is_bad_input]
    for reason in dict.fromkeys(result.reason for result in refused):
        say(reason)
    return 2 if refused else 1 if any(report.unexpected for report in reports) else 0


def select(papers: list[Paper], only: str | None) -> list[Paper]:
    """The papers with the claims whose ids are given; all of them where none is."""
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
