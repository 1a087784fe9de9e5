"""Reads files of claims: what a paper claims and draws, what we find ourselves, and the runs for it. See README.md."""

from __future__ import annotations

import keyword
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from analysis.command import InputError, suggestion
from analysis.documents import Document, Entry, Node, substituted
from analysis.expressions import Expression, ExpressionError
from analysis.gossamer import Assignments, Request, SweepRequest
from analysis.grids import Over, points_of, repeated
from analysis.measures import FINAL, At
from analysis.quantities import QUANTITIES

EXPECTATIONS = ("reproduces", "does not reproduce")
TRUTHS = ("true", "false")
DRAWERS = ("plot.py", "against.py", "winners.py", "time_split.py", "topology.py", "histograms.py")


@dataclass(frozen=True)
class Experiment:
    """What a claim calls a run: a scenario or the best of a grid, with one or several seeds, or some runs of a sweep."""

    name: str
    scenario: Path
    fixed: Assignments = ()
    over: Over = field(default_factory=dict)  # empty: there is no grid
    metric: str = ""  # chooses the best point
    at: At = FINAL
    seeds: list[str] | None = None  # None: the scenario's own
    where: dict[str, str] | None = None  # the labels of a sweep's runs; None: not a sweep

    def requests(self, folder: Path) -> dict[Assignments, list[Request | SweepRequest]]:
        """For each point of the grid, a request for each seed. Traces go to a folder named after the scenario's folder."""
        folder /= self.scenario.resolve().parent.name
        if self.where is not None:
            return {(): [SweepRequest(self.scenario, folder)]}
        seeds = [()] if self.seeds is None else [(("seed", seed),) for seed in self.seeds]
        return {
            point: [Request(self.scenario, self.fixed + point + seed, folder) for seed in seeds]
            for point in points_of(self.over)
        }


@dataclass(frozen=True)
class Claim:
    id: str
    says: str
    measured_by: Expression
    is_expected: bool  # to reproduce; of a finding: to hold
    note: str
    is_finding: bool = False  # of our own; the paper does not say it
    family: str = ""  # the id without the value of `for_each`
    value: str = ""  # of `for_each`, if the claim has one


@dataclass(frozen=True, eq=False)
class Figure:
    """What a command draws of the traces of some runs, or of a whole sweep."""

    name: str
    experiments: list[Experiment]  # empty: a sweep
    sweep: Path | None
    drawer: str
    options: list[str]
    place: str  # of the command in the file


@dataclass(frozen=True)
class Paper:
    path: Path
    title: str
    experiments: dict[str, Experiment]
    claims: list[Claim]
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def needed(self) -> list[Experiment]:
        names = {name for claim in self.claims for name in claim.measured_by.runs}
        return [experiment for name, experiment in self.experiments.items() if name in names]


def read_paper(path: Path) -> Paper:
    document = Document.read(path)
    top = document.entries(document.root, "the file", ("paper", "runs", "claims"), ("for_each", "figures"))
    each = _read_for_each(document, top.get("for_each"))
    experiments, keys = {}, {}
    for entry in document.entries(top["runs"].value, "'runs'").values():
        key = entry.key
        for _, (name_node, node) in each.copies([key, entry.value]):
            name = document.text(name_node, "a key")
            if not name.isidentifier() or keyword.iskeyword(name) or name == "infinity":
                raise document.fault(key, f"'{name}' cannot name a run; use letters, digits and _")
            if name in experiments:
                raise document.fault(key, f"there is already a run '{name}'")
            keys[name] = key
            experiments[name] = _read_experiment(document, name, node)
    seeds = {name: None if e.seeds is None else len(e.seeds) for name, e in experiments.items()}
    claims: list[Claim] = []
    for given in document.items(top["claims"].value, "'claims'"):
        for value, (node,) in each.copies([given]):
            node = _for_value(document, node, value, each)
            claim = _read_claim(document, node, seeds, [claim.id for claim in claims])
            family = claim.id.removesuffix(f"-{value}") if value else ""
            claims.append(replace(claim, family=family, value=value or ""))
    figures = {}
    for name, entry in document.entries(top["figures"].value, "'figures'").items() if "figures" in top else ():
        figures[name] = _read_figure(document, entry, experiments, each)
    used = {name for claim in claims for name in claim.measured_by.runs}
    used |= {experiment.name for figure in figures.values() for experiment in figure.experiments}
    for name, key in keys.items():
        if name not in used:
            raise document.fault(key, f"no claim and no figure uses the run '{name}'")
    return Paper(path, document.text(top["paper"].value, "'paper'"), experiments, claims, figures)


@dataclass(frozen=True)
class ForEach:
    """A name such as "$data" that stands for each of several values, so that runs and claims are written once."""

    name: str = ""
    values: tuple[str, ...] = ()

    def copies(self, nodes: list[Node]) -> Iterator[tuple[str | None, list[Node]]]:
        """Each value, and the nodes with the value in place of the name; or the nodes once if they do not use the name."""
        if not self.name or not any(_uses(node, self.name) for node in nodes):
            yield None, nodes
            return
        for value in self.values:
            yield value, [substituted(node, self.name, value) for node in nodes]


def _uses(node: Node, name: str) -> bool:
    if isinstance(node.value, str):
        return name in node.value
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return any(_uses(part, name) for part in parts)


def _read_for_each(document: Document, given: Entry | None) -> ForEach:
    if given is None:
        return ForEach()
    entries = document.entries(given.value, "'for_each'")
    if len(entries) != 1:
        raise document.fault(given.value, "'for_each' takes one name with a list of values, {data: [a9a, w8a]}")
    ((name, entry),) = entries.items()
    values = [document.text(value, "a value") for value in document.items(entry.value, f"'{name}'")]
    if (twice := repeated(values)) is not None:
        raise document.fault(document.items(entry.value, "")[twice], f"{values[twice]} is listed twice")
    return ForEach("$" + name, tuple(values))


def _read_path(document: Document, node: Node, what: str) -> Path:
    path = Path(document.name).parent / document.text(node, what)
    if not os.path.isfile(path):
        raise document.fault(node, f"{path}: no such file; give the path of a scenario")
    return path


def _read_sweep_path(document: Document, node: Node) -> tuple[Path, Document, dict[str, Entry]]:
    """A scenario that is a sweep, and what it varies."""
    path = _read_path(document, node, "'sweep'")
    sweep = Document.read(path)
    section = sweep.entries(sweep.root, "the scenario").get("sweep")
    if section is None:
        raise document.fault(node, f"{path}: has no sweep")
    return path, sweep, sweep.entries(section.value, "'sweep'")


def _read_sweep(document: Document, name: str, node: Node) -> Experiment:
    """Some runs of a sweep, which may vary the seed too."""
    given = document.entries(node, f"run '{name}'", ("sweep", "where"), ())
    path, sweep, swept = _read_sweep_path(document, given["sweep"].value)
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
            raise document.fault(at, f"'{path}' would replace '{lost}', which is set before it; leave one of them out")
        taken.append(path)
        return path

    fixed: Assignments = ()
    if "set" in given:
        entries = document.entries(given["set"].value, "'set'")
        fixed = tuple((take(path, e.key), document.flow(e.value)) for path, e in entries.items())
    over: Over = {}
    metric, at = "", FINAL
    if "best_of" in given:
        choice = document.entries(given["best_of"].value, "'best_of'", ("over", "metric"), ("at",))
        varied = document.entries(choice["over"].value, "'over'")
        if not varied:
            raise document.fault(choice["over"].value, "'over' is empty; it takes {path: [a, b, ...]}")
        for path, entry in varied.items():
            values = document.items(entry.value, f"'{path}'")
            over[take(path, entry.key)] = flows = [document.flow(value) for value in values]
            if (twice := repeated(flows)) is not None:
                raise document.fault(values[twice], f"{flows[twice]} is listed twice")
        metric = document.choice(choice["metric"].value, "metric", QUANTITIES)
        if "at" in choice:
            try:
                at = At.read(document.text(choice["at"].value, "'at'"))
            except InputError as error:
                raise document.fault(choice["at"].value, f"at: {error}") from None
    seeds = None
    if "seeds" in given:
        take("seed", given["seeds"].key)
        seeds = [document.text(seed, "a seed") for seed in document.items(given["seeds"].value, "'seeds'")]
        if len(seeds) < 2 or repeated(seeds) is not None:
            raise document.fault(given["seeds"].value, "'seeds' takes two or more different seeds")
    return Experiment(name, scenario, fixed, over, metric, at, seeds)


def _for_value(document: Document, claim: Node, value: str | None, each: ForEach) -> Node:
    """The claim with the `expect`, `finding` and `note` for this value, where they are maps from values."""
    if value is None or not isinstance(claim, yaml.MappingNode):
        return claim
    pairs = []
    for key, node in claim.value:
        if key.value in ("expect", "finding", "note") and isinstance(node, yaml.MappingNode):
            own = document.entries(node, f"'{key.value}'", (), each.values)
            pairs += [(key, own[value].value)] if value in own else []
        else:
            pairs.append((key, node))
    return yaml.MappingNode(claim.tag, pairs, claim.start_mark, claim.end_mark, claim.flow_style)


def _read_claim(document: Document, node: Node, seeds: dict[str, int | None], ids: list[str]) -> Claim:
    given = document.entries(node, "a claim", ("id", "says", "measured_by"), ("expect", "finding", "note"))
    texts = {key: document.text(entry.value, f"'{key}'") for key, entry in given.items()}
    if texts["id"] in ids:
        raise document.fault(given["id"].value, f"an earlier claim already has the id '{texts['id']}'")
    if "expect" in given:
        document.choice(given["expect"].value, "'expect'", EXPECTATIONS)
    if "finding" in given:
        document.choice(given["finding"].value, "'finding'", TRUTHS)
    try:
        expression = Expression(texts["measured_by"], seeds)
    except ExpressionError as error:
        raise document.fault(given["measured_by"].value, str(error), error.offset) from None
    is_expected = texts.get("expect", EXPECTATIONS[0]) == EXPECTATIONS[0]
    return Claim(texts["id"], texts["says"], expression, is_expected, texts.get("note", ""), texts.get("finding") == "true")


def _read_figure(document: Document, entry: Entry, experiments: dict[str, Experiment], each: ForEach) -> Figure:
    name = document.text(entry.key, "a key")
    if not re.fullmatch(r"\w+", name):
        raise document.fault(entry.key, f"'{name}' cannot name a figure; use letters, digits and _")
    given = document.entries(entry.value, f"figure '{name}'", ("draw",), ("runs", "sweep"))
    if len(given) != 2:
        raise document.fault(entry.value, f"figure '{name}' takes either 'runs' or 'sweep'")
    runs, sweep = [], None
    if "sweep" in given:
        sweep, _, _ = _read_sweep_path(document, given["sweep"].value)
    else:
        for _, (node,) in (copy for item in document.items(given["runs"].value, "'runs'") for copy in each.copies([item])):
            runs.append(experiments[document.choice(node, "run", experiments)])
    node = given["draw"].value
    try:
        drawer, *options = shlex.split(document.text(node, "'draw'"))
    except ValueError as error:
        raise document.fault(node, f"'draw' cannot be read: {error}") from None
    if drawer not in DRAWERS:
        raise document.fault(node, f"unknown command '{drawer}'; {suggestion(drawer, DRAWERS)}")
    for option in options:
        if option.startswith("-o") or option in ("-h", "--help"):
            raise document.fault(node, f"'draw' takes no {option}; the figure is {name}.svg")
    return Figure(name, runs, sweep, drawer, options, document.place(node))
