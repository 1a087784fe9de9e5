"""Labels for traces: the scenario's name, and where names repeat, what differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from analysis.command import printable
from analysis.traces import ABSENT, Trace

LONGEST_LABEL = 300  # letters


def labels_of(traces: list[Trace], ignored: Collection[str] = ()) -> tuple[list[str], str | None]:
    """One distinct label per trace, and the name that all of them share, if any (it becomes the title).

    Traces of the same name are told apart by the parameters in which they differ, except those `ignored`: by the
    algorithm first, then by as few others as suffice. If their scenarios are equal, the files' names tell them apart.
    """
    is_named = "name" not in ignored
    names = [trace.name if is_named else trace.parameter("algorithm") for trace in traces]
    shared = names[0] if len(traces) > 1 and len(set(names)) == 1 else None
    labels = list(names)
    for name in dict.fromkeys(names):
        members = [i for i, other in enumerate(names) if other == name]
        if len(members) > 1:
            for i, difference in zip(members, _differences([traces[i] for i in members], ignored)):
                labels[i] = difference if shared else f"{name}, {difference}"
    return [short(label, LONGEST_LABEL) for label in labels], None if shared is None else short(shared, LONGEST_LABEL)


def unsaid_differences(traces: list[Trace], labels: list[str]) -> str:
    """The settings in which the runs differ but that no label mentions: "seed (1, 2), stop.bits (1e6, 1e7)".

    The algorithm's kind is left out, since a name stands for it, and so is `record`, which changes no curve. Where
    kinds differ, say those of topologies, the parameters that belong to these kinds are not compared; likewise the
    parameters that the names of a sweep's variants stand for. "" if the labels mention everything.
    """
    known = [(trace.parameters, _words(label)) for trace, label in zip(traces, labels) if trace.parameters]
    every = dict.fromkeys(key for parameters, _ in known for key in parameters)
    found: dict[str, list[str]] = {}
    for key in every:
        if key in ("name", "algorithm.kind", "algorithm") or key.startswith("record."):
            continue
        values: dict[tuple, dict[str, None]] = {}
        for parameters, _ in known:
            kinds = tuple(parameters.get(kind) for kind in _kinds_above(key))
            values.setdefault(kinds, {})[parameters.get(key, ABSENT)] = None
        is_told = all(_words(parameters.get(key, ABSENT)) in label for parameters, label in known)
        if not is_told and any(len(those) > 1 for those in values.values()):
            found[key] = list(dict.fromkeys(value for those in values.values() for value in those))
    return with_values(found)


def with_values(found: dict[str, list[str]]) -> str:
    """Settings with their values, shortened: "seed (1, 2), stop.bits (1e6, 1e7)"."""
    return _some([f"{key} ({_some([short(value) for value in values])})" for key, values in found.items()], most=6)


def sections_above(key: str) -> list[str]:
    """"algorithm" and "algorithm.compressor" for "algorithm.compressor.kind"."""
    parts = key.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts))]


def _kinds_above(key: str) -> list[str]:
    """The paths of the kinds to which a parameter belongs: topology.p belongs to topology.kind."""
    kinds = [kind for path in sections_above(key) for kind in (path, f"{path}.kind", f"{path}.model")]
    return [kind for kind in kinds if kind != key]


def _words(text: str) -> str:
    """The words of a text, to look for in another text: "erdos_renyi" is found in "Erdos-Renyi, p 0.4"."""
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.casefold()).strip()} "


def _some(texts: list[str], most: int = 4) -> str:
    rest = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {rest} more" if rest > 0 else "")


def _differences(traces: list[Trace], ignored: Collection[str]) -> list[str]:
    keys = telling_keys(traces, ignored)
    texts = [describe(trace, keys) for trace in traces]
    if _distinct(texts):
        return texts
    for naming in (lambda t: t.path.stem, lambda t: str(t.path)):
        # Equal scenarios, say run by two versions of the program: only the files tell them apart.
        named = [
            text if texts.count(text) == 1 else f"{text}, {naming(trace)}" if text else naming(trace)
            for text, trace in zip(texts, traces)
        ]
        if _distinct(named):
            return named
    return [f"{text} ({i})" for i, text in enumerate(named, start=1)]


def telling_keys(traces: Iterable[Trace], ignored: Collection[str] = ()) -> list[str]:
    """The fewest parameters that tell the traces apart, chosen greedily, except those `ignored`. Some may stay equal."""
    traces = list(traces)
    every = dict.fromkeys(key for trace in traces for key in trace.parameters if key not in ("name", *ignored))
    differing = [key for key in every if len({trace.parameters.get(key) for trace in traces}) > 1]
    varied = {key for trace in traces for key in trace.sweep}
    # First what was varied, then the algorithm's parameters, then the rest in the scenario's order (a stable sort).
    algorithm = ["algorithm", "algorithm.kind"]
    differing.sort(key=lambda key: (key not in algorithm, key not in varied, not key.startswith("algorithm.")))

    def classes(keys: list[str]) -> int:
        return len({tuple(trace.parameters.get(key) for key in keys) for trace in traces})

    # Whatever else differs, readers look for the algorithm.
    chosen = [key for key in algorithm if key in differing][:1]
    while classes(chosen) < len(traces):
        best = max(differing, key=lambda key: classes(chosen + [key]), default=None)
        if best is None or classes(chosen + [best]) == classes(chosen):
            break
        chosen.append(best)
    return sorted(chosen, key=differing.index)


def describe(trace: Trace, keys: Collection[str]) -> str:
    """The trace's values of these parameters: "dadam, bandwidth 1 Mbit/s"."""
    names = [key.rsplit(".", 1)[-1] for key in keys]
    parts = []
    for key, last in zip(keys, names):
        value = short(trace.parameter(key))
        if value == ABSENT:
            continue
        # "dadam", not "kind dadam"; otherwise the last word of the path, or the whole path if that is ambiguous.
        speaks_for_itself = last in ("kind", "name", "dataset") or trace.is_section(key)
        parts.append(value if speaks_for_itself else f"{last if names.count(last) == 1 else key} {value}")
    return short(", ".join(parts), LONGEST_LABEL)


def caption(trace: Trace, keys: Collection[str]) -> str:
    """Like `describe`, but never empty: "none" if the trace has none of these parameters."""
    return describe(trace, keys) or ABSENT


def last_word(path: str) -> str:
    """A parameter's name on an axis: "step size" for "algorithm.step_size"."""
    return path.rsplit(".", 1)[-1].replace("_", " ")


def short(text: str, most: int = 40) -> str:
    """The text on one line, of at most so many letters."""
    return printable(text if len(text) <= most else text[: most - 1] + "…")


def _distinct(texts: list[str]) -> bool:
    return len(set(texts)) == len(texts)
