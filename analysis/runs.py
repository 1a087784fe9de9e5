"""Several runs as a table, such as those of a sweep: `load(paths)` has one row per run. See README.md."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis import measures, traces
from analysis.command import InputError, Parser, assignment, say, suggestion
from analysis.documents import read_list
from analysis.labels import sections_above, telling_keys, with_values
from analysis.traces import ABSENT, Meaning, Trace
from analysis.units import are_equal, bare_number, in_order


def load(paths: str | Path | Iterable[str | Path]) -> Runs:
    """The runs of these traces. A directory stands for all its *.h5 except hidden ones, in the order of its sweep."""
    given = [paths] if isinstance(paths, (str, Path)) else paths
    return Runs(traces.load(file) for path in map(Path, given) for file in _files(path))


def _files(path: Path) -> list[Path]:
    if not os.path.isdir(path):  # false too where that cannot be known
        return [path]
    try:
        found = [file for file in path.iterdir() if file.suffix == ".h5" and not file.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if not found:
        raise InputError(f"{path}: has no traces; their names end in .h5")
    places = {name: place for place, name in enumerate(_names_in_index(path))}
    return sorted(found, key=lambda file: (places.get(file.name, len(places)), file))


def _names_in_index(folder: Path) -> list[str]:
    """The traces in a sweep's folder, in the order of the sweep; none if the folder has no index."""
    index = folder / "index.csv"
    if not index.is_file():
        return []
    try:
        with open(index, encoding="utf-8", newline="") as file:
            return [row.get("trace", "") for row in csv.DictReader(file)]
    except (OSError, UnicodeError, csv.Error):
        return []


class Runs(Sequence[Trace]):
    """Traces in the order given, and what tells them apart."""

    def __init__(self, each: Iterable[Trace] = ()):
        self._traces = list(each)

    def __len__(self) -> int:
        return len(self._traces)

    def __getitem__(self, i: int) -> Trace:
        return self._traces[i]

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._traces)

    def rows(self) -> list[dict[str, object]]:
        """For each run: file, status, parameters by dotted path, final metrics by name, and the trace.

        A parameter is a number if it is one, without a unit, in all runs that have it. Otherwise it is text, as written.
        """
        every = dict.fromkeys(key for trace in self for key in trace.parameters if key != "name")
        columns = {key: {trace.parameters[key] for trace in self if key in trace.parameters} for key in every}
        numbers = {key: {text: bare_number(text) for text in texts} for key, texts in columns.items()}
        known = {key: values for key, values in numbers.items() if None not in values.values()}

        def parameters(trace: Trace) -> dict[str, object]:
            return {key: known[key][text] if key in known else text for key, text in trace.parameters.items()}

        return [
            {"file": str(t.path), "status": t.status, **parameters(t), **measures.finals(t), "trace": t} for t in self
        ]

    def to_pandas(self):
        """The rows as a data frame; where a run lacks a column, the value is NaN."""
        import pandas  # the only use of it

        return pandas.DataFrame(self.rows())

    def values(self, path: str) -> list[str]:
        """The distinct values of a parameter, numbers in ascending order. A section has its variants, or else its kinds."""
        found = in_order(trace.parameter(path) for trace in self)
        if found == [ABSENT]:
            known = dict.fromkeys([*self.varied(), *(key for trace in self for key in trace.parameters)])
            raise InputError(f"no run has a parameter '{path}'; {suggestion(path, known)}")
        return found

    def where(self, path: str, *values: str) -> Runs:
        """The runs in which a parameter has one of the values; "1 Mbit/s" equals "1000 kbit/s"."""
        there, wanted = self.values(path), set()
        for value in values:
            equal = {known for known in there if are_equal(known, str(value))}
            if not equal:
                raise InputError(f"no run has {path} {value}; there are: {', '.join(there)}")
            wanted |= equal
        return Runs(trace for trace in self if trace.parameter(path) in wanted)

    def groups(self, paths: Sequence[str]) -> dict[tuple[str, ...], Runs]:
        """The runs grouped by their values of these parameters, in the order of the values."""
        orders = [self.values(path) for path in paths]
        found: dict[tuple[str, ...], list[Trace]] = {}
        for trace in self:
            found.setdefault(tuple(trace.parameter(path) for path in paths), []).append(trace)
        keys = sorted(found, key=lambda key: [order.index(value) for order, value in zip(orders, key)])
        return {key: Runs(found[key]) for key in keys}

    def meaning(self, metric: str) -> Meaning:
        """A metric's unit and direction; an error if the runs that have the metric do not agree on them."""
        found: dict[Meaning, Trace] = {}
        for trace in [trace for trace in self if metric in trace.metrics] or list(self)[:1]:
            found.setdefault(trace.meaning(metric), trace)
        (meaning, one), *others = found.items()
        for other_meaning, other in others:
            raise InputError(f"{metric} is not the same in {one.path} ({meaning}) and {other.path} ({other_meaning})")
        return meaning

    def higher_is_better(self, metric: str) -> bool:
        """An error if the runs do not say which way the metric is better."""
        self.meaning(metric)
        return next(trace for trace in self if metric in trace.metrics).higher_is_better(metric)

    def differing(self) -> dict[str, list[str]]:
        """The values of each parameter in which the runs differ, except the name and what is recorded.

        Where a section's variant or kind differs, the section's other parameters are not listed.
        """
        every = dict.fromkeys(key for trace in self for key in trace.parameters)
        found = {
            key: self.values(key)
            for key in every
            if key != "name"
            and not key.startswith("record.")
            and len({trace.parameters.get(key) for trace in self}) > 1
        }

        def is_explained(key: str) -> bool:
            above = [kind for path in sections_above(key) for kind in (path, f"{path}.kind", f"{path}.model")]
            return any(kind in found and kind != key for kind in above)

        return {key: values for key, values in found.items() if not is_explained(key)}

    def varied(self) -> list[str]:
        """What was varied besides the seed: what the sweep says, or else the fewest parameters that tell the runs apart."""
        swept = dict.fromkeys(path for trace in self for path in trace.sweep)
        keys = list(swept) if all(trace.sweep for trace in self) else telling_keys(self)
        return [key for key in keys if key != "seed"]


def note_what_is_averaged(program: str, groups: Iterable[Runs]) -> None:
    """Notes what besides the seed differs among averaged runs, and which runs are there twice."""
    mixed: dict[str, list[str]] = {}
    for runs in groups:
        for key, values in runs.differing().items():
            if key != "seed":
                mixed[key] = in_order([*mixed.get(key, []), *values])
        seen: dict[tuple, Trace] = {}
        for trace in runs:
            first = seen.setdefault(tuple(trace.parameters.items()), trace)
            if first is not trace:
                say(f"{program}: note: {first.path} and {trace.path} have the same scenario and seed; both count")
    if mixed:
        say(f"{program}: note: the means are not only over seeds but also over {with_values(mixed)}")


def finished(program: str, runs: Runs) -> Runs:
    """The runs that finished, including diverged ones."""
    for trace in runs:
        if not trace.is_finished:
            say(f"{program}: note: {trace.path}: the run is {trace.status}; it is left out")
    kept = Runs(trace for trace in runs if trace.is_finished)
    if not kept:
        raise InputError(f"{program}: no run has finished")
    return kept


# --- options ---


def add_run_options(parser: Parser, what: str = "traces, or directories of them (*.h5)") -> None:
    parser.add_argument("traces", nargs="+", metavar="TRACE", help=what)
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="PATH=VALUE,...",
        help="only runs in which a parameter has one of these values; repeat for more parameters",
    )


def chosen_runs(options: argparse.Namespace) -> Runs:
    """The runs that the options of `add_run_options` choose."""
    runs = load(options.traces)
    for text in options.where:
        path, values = assignment("--where", text, "path=value, such as network.bandwidth='1 Mbit/s'")
        document, items = read_list(f"--where {text}", values, "the value list")
        try:
            runs = runs.where(path, *map(document.label, items))
        except InputError as error:
            raise InputError(f"--where {text}: {error}") from None
    return runs
