"""Reads a trace: one HDF5 file that a run left behind (its layout: scenarios/README.md, "The trace").

`load(path)` gives a `Trace`. Whatever is wrong with a file is a `TraceError`, one line for the person who will fix
it. What only some tools need (/nodes, /links, /topology) they read from `Trace.path`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import yaml

from analysis.command import InputError, suggestion
from analysis.documents import Document

FORMAT = "gossamer-trace"
FORMAT_VERSION = 1
STATUSES = ("complete", "diverged", "failed", "partial")
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


class TraceError(InputError):
    """What is wrong with a trace, in one line that begins with the file's path."""


@dataclass(frozen=True, eq=False)
class Trace:
    path: Path
    attributes: dict[str, object]  # the root attributes; strings as str, numbers as Python numbers
    metrics: dict[str, np.ndarray]  # 1-D, equal lengths, one row per record; NaN: not evaluated
    meanings: dict[str, Meaning]  # of each metric

    @property
    def status(self) -> str:
        return self.attributes["status"]

    @property
    def diverged_at(self) -> int | None:
        """The iteration at which a diverged run stopped being finite."""
        iteration = self.attributes.get("diverged_at")
        return None if iteration is None else int(iteration)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The resolved scenario by dotted path, values as written; a sweep's labels replace the values they stand for.

        {"algorithm.kind": "dadam", "network.bandwidth": "1 Mbit/s", ...}. Where a sweep names its variants,
        {"algorithm": "DADAM", ...} is there in addition to the keys of that section.
        """
        try:
            # BaseLoader keeps every scalar as its text: 1e-8 stays 1e-8, and no YAML tag can build an object.
            leaves = dict(_leaves(yaml.load(self.attributes.get("scenario", ""), Loader=yaml.BaseLoader)))
        except (yaml.YAMLError, RecursionError) as error:
            raise TraceError(f"{self.path}: its scenario is not readable YAML: {error}") from None
        return {**leaves, **self.sweep}

    @cached_property
    def sweep(self) -> dict[str, str]:
        """What a sweep varied, by dotted path: the labels of this run's values. Empty for a single run."""
        text = self.attributes.get("sweep")
        if not text:
            return {}
        document = Document(f"{self.path}: its root attribute 'sweep'", text, has_lines=False)
        entries = document.entries(document.root, "the attribute")
        return {path: document.label(entry.value) for path, entry in entries.items()}

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
        return np.asarray(self.metrics[self._known(name)], dtype=float)

    def meaning(self, name: str) -> Meaning:
        """A metric's unit and direction."""
        return self.meanings[self._known(name)]

    def higher_is_better(self, name: str) -> bool:
        """An error if the trace does not say which way the metric is better."""
        better = self.meaning(name).better
        if not better:
            raise TraceError(f"{self.path}: does not say whether higher or lower {name} is better")
        return better == "higher"

    def _known(self, name: str) -> str:
        if name not in self.metrics:
            known = suggestion(name, sorted(self.metrics), "it has")
            raise TraceError(f"{self.path}: has no metric '{name}'; {known}")
        return name


def load(path: str | Path) -> Trace:
    path = Path(path)
    if not path.exists():
        raise TraceError(f"{path}: no such file")
    if path.is_dir():
        raise TraceError(f"{path}: is a directory; a trace is a file that 'gossamer run -o' wrote")
    try:
        with h5py.File(path, "r") as file:
            return Trace(path, _attributes(path, file), _metrics(path, file), _meanings(path, file["metrics"]))
    except TraceError:
        raise
    except PermissionError:
        raise TraceError(f"{path}: permission denied") from None
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:  # damaged files raise any of them
        reason = "a damaged HDF5 file" if _looks_like_hdf5(path) else "not an HDF5 file"
        raise TraceError(f"{path}: cannot be read as a trace: {reason} ({error})") from None


def _attributes(path: Path, file: h5py.File) -> dict[str, object]:
    attributes = {key: _plain(value) for key, value in file.attrs.items()}
    if attributes.get("format") != FORMAT:
        found = f"'{attributes['format']}'" if "format" in attributes else "missing"
        raise TraceError(f"{path}: not a trace: its attribute 'format' is {found}; a trace has '{FORMAT}'")
    version = attributes.get("format_version", FORMAT_VERSION)
    if str(version).split(".")[0] != str(FORMAT_VERSION):
        raise TraceError(f"{path}: has trace format version {version}; this reads version {FORMAT_VERSION}")
    # A trace that does not say that it is complete is not complete.
    status = attributes.setdefault("status", "partial")
    if status not in STATUSES:
        raise TraceError(f"{path}: has status '{status}'; the known ones are {', '.join(STATUSES)}")
    iteration = attributes.get("diverged_at", 0)
    if not isinstance(iteration, (int, float)) or not math.isfinite(iteration):
        raise TraceError(f"{path}: its root attribute 'diverged_at' is not a number")
    for name in ("scenario", "sweep"):
        if not isinstance(attributes.get(name, ""), str):
            raise TraceError(f"{path}: its root attribute '{name}' is not a string")
    return attributes


def _metrics(path: Path, file: h5py.File) -> dict[str, np.ndarray]:
    group = file.get("metrics")
    if not isinstance(group, h5py.Group) or len(group) == 0:
        raise TraceError(f"{path}: has no metrics: the group /metrics is missing or empty")
    metrics: dict[str, np.ndarray] = {}
    for name, column in group.items():
        if not isinstance(column, h5py.Dataset) or column.ndim != 1 or column.dtype.kind not in "iuf":
            raise TraceError(f"{path}: /metrics/{name} is not a column of numbers")
        metrics[name] = column[:]
    lengths = {name: len(column) for name, column in metrics.items()}
    if len(set(lengths.values())) > 1:
        shortest, longest = min(lengths, key=lengths.get), max(lengths, key=lengths.get)
        raise TraceError(
            f"{path}: its metrics differ in length: "
            f"{shortest} has {lengths[shortest]} rows, {longest} {lengths[longest]}"
        )
    if min(lengths.values()) == 0:
        raise TraceError(f"{path}: its metrics have no rows")
    return metrics


def _meanings(path: Path, metrics: h5py.Group) -> dict[str, Meaning]:
    said = {}
    for name, column in metrics.items():
        unit, better = (_plain(column.attrs.get(key, "")) for key in ("unit", "better"))
        if not isinstance(unit, str) or better not in ("", "lower", "higher"):
            raise TraceError(f"{path}: /metrics/{name}: 'unit' must be a string and 'better' either 'lower' or 'higher'")
        said[name] = Meaning(unit, better)
    is_older = all(meaning == Meaning() for meaning in said.values())
    return {name: OLDER.get(name, Meaning()) for name in said} if is_older else said


def _plain(value: object) -> object:
    """An attribute as a plain Python value: h5py gives strings as str, bytes or numpy scalars, alone or in arrays."""
    if isinstance(value, np.ndarray):
        items = [_plain(item) for item in value.reshape(-1)]
        return items[0] if len(items) == 1 else items
    if isinstance(value, bytes):  # np.bytes_ is one; fixed-length strings are padded with NULs
        return value.rstrip(b"\0").decode("utf-8", "replace")
    return value.item() if isinstance(value, np.generic) else value


def _leaves(node: object, prefix: str = ""):
    """The dotted path and the text of every leaf; a list is one leaf."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix, node if isinstance(node, str) else str(node).replace("'", "")


def _looks_like_hdf5(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(8) == b"\x89HDF\r\n\x1a\n"
    except OSError:
        return False
