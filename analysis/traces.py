"""Reads a trace: one HDF5 file that a run left behind (its layout: scenarios/README.md, "The trace").

`load(path)` gives a `Trace`, or raises a `TraceError`. What only some tools need (/nodes, /topology) they read
themselves, with `hdf5.opened(trace.path)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from analysis.command import InputError, printable, suggestion
from analysis.documents import Document
from analysis.hdf5 import File, TraceError, opened
from analysis.quantities import quantity

FORMAT = "gossamer-trace"
FORMAT_VERSIONS = (1, 2)
STATUSES = ("complete", "diverged", "failed", "partial")
LARGEST = 1e150  # a number whose square is not finite counts as infinite: no mean or axis could hold it
LONGEST_UNIT = 40  # letters
ABSENT = "none"  # a parameter's value where a run has no such parameter


@dataclass(frozen=True)
class Meaning:
    """What a trace says about a metric."""

    unit: str = ""  # "s", "bit", ...; "": a count or a pure number
    better: str = ""  # "lower" or "higher"; "": neither is better

    def __str__(self) -> str:
        return f"{self.unit or 'no unit'}, {f'{self.better} is better' if self.better else 'no better direction'}"


# Traces of older versions say nothing about any metric. This is what their metrics meant.
OLDER = {
    "time": Meaning("s", "lower"),
    **dict.fromkeys(("bits", "bits_up", "bits_down", "bits_per_node", "bits_paper"), Meaning("bit", "lower")),
    **dict.fromkeys(("loss", "test_loss", "grad_norm", "suboptimality", "consensus"), Meaning(better="lower")),
    **dict.fromkeys(("compression_error", "gradients"), Meaning(better="lower")),
    **dict.fromkeys(("train_accuracy", "test_accuracy", "sparsity"), Meaning(better="higher")),
}


@dataclass(frozen=True, eq=False)
class Trace:
    path: Path
    attributes: dict[str, object]  # the root attributes; strings as str, numbers as Python numbers
    metrics: dict[str, np.ndarray]  # 1-D, equal lengths, one row per record; NaN: not evaluated
    meanings: dict[str, Meaning]  # of each metric
    sizes: dict[str, str]  # what the scenario leaves to its files and data, by dotted path: {"topology.nodes": "16"}

    @property
    def status(self) -> str:
        return self.attributes["status"]

    @property
    def is_finished(self) -> bool:
        """Whether the run came to its end, be it that it diverged. What others left is only a part of a result."""
        return self.status in ("complete", "diverged")

    @property
    def diverged_at(self) -> int | None:
        """The iteration at which a diverged run stopped being finite."""
        iteration = self.attributes.get("diverged_at")
        return None if iteration is None or self.status != "diverged" else int(iteration)

    @property
    def end(self) -> str:
        """The status in words: "diverged at iteration 120"."""
        return self.status if self.diverged_at is None else f"{self.status} at iteration {self.diverged_at}"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The resolved scenario by dotted path, values as written; a sweep's labels replace the values they stand for,
        and what the scenario leaves to its files, such as the number of nodes, is filled in.

        {"algorithm.kind": "dadam", "network.bandwidth": "1 Mbit/s", ...}. Where a sweep names its variants,
        {"algorithm": "DADAM", ...} is there in addition to the keys of that section.
        """
        scenario = self._yaml("scenario")
        leaves = dict(_leaves(scenario.plain(scenario.root))) if scenario else {}
        # Numbers as they were always shown: traces write 1.0e-06, for readers of YAML 1.1, and older ones 1e-06.
        shown = {key: value if key == "name" else re.sub(r"(?<=\d)\.0(?=e[+-])", "", value) for key, value in leaves.items()}
        return {**shown, **self.sizes, **self.sweep}

    @cached_property
    def sweep(self) -> dict[str, str]:
        """What a sweep varied, by dotted path: the labels of this run's values. Empty for a single run."""
        sweep = self._yaml("sweep")
        entries = sweep.entries(sweep.root, "the attribute") if sweep else {}
        return {path: sweep.label(entry.value) for path, entry in entries.items()}

    def parameter(self, path: str) -> str:
        """A parameter's value. For a section: the name of its variant, or else its kind; "none" if it has neither."""
        known = (path, f"{path}.kind", f"{path}.model")
        return next((self.parameters[key] for key in known if key in self.parameters), ABSENT)

    def is_section(self, path: str) -> bool:
        return any(key.startswith(f"{path}.") for key in self.parameters)

    @property
    def name(self) -> str:
        """The scenario's name, or the file's stem if the scenario has none."""
        return self.parameters.get("name", "").strip() or self.path.stem

    def metric(self, name: str) -> np.ndarray:
        """A metric's column as floats; an unknown name is an error that lists the known ones."""
        values = np.asarray(self.metrics[self._known(name)], dtype=float)
        return np.where(np.abs(values) > LARGEST, np.copysign(np.inf, values), values)

    def meaning(self, name: str) -> Meaning:
        """A metric's unit and direction."""
        return self.meanings[self._known(name)]

    def higher_is_better(self, name: str) -> bool:
        """An error if the trace does not say which way the metric is better."""
        better = self.meaning(name).better
        if not better:
            raise TraceError(f"{self.path}: does not say whether higher or lower {name} is better")
        return better == "higher"

    def _yaml(self, attribute: str) -> Document | None:
        """A root attribute that is YAML; None if it is missing or empty."""
        text = self.attributes.get(attribute, "")
        if not text.strip():
            return None
        return Document(f"{self.path}: its root attribute '{attribute}'", text, has_lines=False, may_repeat=False)

    def _known(self, name: str) -> str:
        if name not in self.metrics:
            known = suggestion(name, sorted(self.metrics), "it has")
            raise TraceError(f"{self.path}: has no metric '{name}'; {known}")
        return name


def load(path: str | Path) -> Trace:
    path = Path(path)
    with opened(path) as file:
        attributes, metrics = _attributes(file), _metrics(file)
        meanings = _meanings(file, metrics)
        sizes = _sizes(file, attributes.get("scenario", ""))
    trace = Trace(path, attributes, metrics, meanings, sizes)
    try:
        trace.parameters  # now, so that no tool gets half of its way with a scenario that cannot be read
    except InputError as error:
        raise TraceError(error) from None
    return trace


def _attributes(file: File) -> dict[str, object]:
    attributes = file.attributes()
    if attributes.get("format") != FORMAT:
        found = f"'{attributes['format']}'" if "format" in attributes else "missing"
        raise file.fault(f"not a trace: its attribute 'format' is {found}; a trace has '{FORMAT}'")
    version = attributes.get("format_version", 1)
    if version not in FORMAT_VERSIONS:
        raise file.fault(f"has trace format version {version}; this reads {' and '.join(map(str, FORMAT_VERSIONS))}")
    # A trace that does not say that it is complete is not complete.
    status = attributes.setdefault("status", "partial")
    if status not in STATUSES:
        raise file.fault(f"has status '{status}'; the known ones are {', '.join(STATUSES)}")
    iteration = attributes.get("diverged_at", 0)
    if not isinstance(iteration, (int, float)) or not math.isfinite(iteration):
        raise file.fault("its root attribute 'diverged_at' is not a number")
    for name in ("scenario", "sweep"):
        if not isinstance(attributes.get(name, ""), str):
            raise file.fault(f"its root attribute '{name}' is not a string")
    return attributes


def _sizes(file: File, scenario: str) -> dict[str, str]:
    if file.has("inputs"):
        return {key: str(size) for key, size in file.attributes("inputs").items() if isinstance(size, int)}
    # Traces of version 1 do not say otherwise how many nodes the graph of a file had.
    if "\n  nodes: 0\n" not in scenario or not file.has("topology/mixing_matrix"):
        return {}
    return {"topology.nodes": str(len(file.numbers("topology/mixing_matrix/indptr", 1)) - 1)}


def _metrics(file: File) -> dict[str, np.ndarray]:
    metrics = {name: file.numbers(f"metrics/{name}", 1) for name in file.names("metrics")}
    if not metrics:
        raise file.fault("has no metrics: the group /metrics is missing or empty")
    lengths = {name: len(column) for name, column in metrics.items()}
    shortest, longest = min(lengths, key=lengths.get), max(lengths, key=lengths.get)
    if lengths[shortest] < lengths[longest]:
        those = f"{shortest} has {lengths[shortest]} rows, {longest} {lengths[longest]}"
        raise file.fault(f"its metrics differ in length: {those}")
    if lengths[shortest] == 0:
        raise file.fault("its metrics have no rows")
    for name, column in metrics.items():
        if quantity(name).is_counted and ((column < 0) | (column > LARGEST)).any():  # NaN is neither
            raise file.fault(f"/metrics/{name} has a value that is negative or infinite")
    return metrics


def _meanings(file: File, metrics: Iterable[str]) -> dict[str, Meaning]:
    said = {}
    for name in metrics:
        attributes = file.attributes(f"metrics/{name}")
        unit, better = (attributes.get(key, "") for key in ("unit", "better"))
        is_unit = isinstance(unit, str) and len(unit) <= LONGEST_UNIT and printable(unit) == unit
        if not is_unit or better not in ("", "lower", "higher"):
            raise file.fault(f"/metrics/{name}: 'unit' must be a short string and 'better' either 'lower' or 'higher'")
        said[name] = Meaning(unit, better)
    is_older = all(meaning == Meaning() for meaning in said.values())
    return {name: OLDER.get(name, Meaning()) for name in said} if is_older else said


def _leaves(node: object, prefix: str = ""):
    """The dotted path and the text of every leaf; a list is one leaf."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix, node if isinstance(node, str) else str(node).replace("'", "")
