"""What a legend calls each trace: its scenario's name, and where names repeat, what differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from analysis.traces import ABSENT, Trace


def labels_of(traces: list[Trace], ignored: Collection[str] = ()) -> tuple[list[str], str | None]:
    """One distinct label per trace, and the name that all of them share, if they do (it becomes the title).

    Traces of one name are told apart by the parameters in which they differ, those `ignored` apart: the algorithm
    first, then as few as suffice; where their scenarios are equal by the files' names.
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
    return [_printable(label) for label in labels], None if shared is None else _printable(shared)


def unsaid_differences(traces: list[Trace], labels: list[str]) -> str:
    """The settings in which the runs differ though no label tells: "seed (1, 2), stop.bits (1e6, 1e7)".

    Not the algorithm's kind, which a name stands for, nor `record`, which changes no curve. Runs whose kinds
    differ, say of their topologies, are not compared in what belongs to these kinds; nor are a sweep's variants
    in what their names stand for. "" where all is told.
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
    """Settings and their values, briefly: "seed (1, 2), stop.bits (1e6, 1e7)"."""
    return _some([f"{key} ({_some([_short(value) for value in values])})" for key, values in found.items()], most=6)


def sections_above(key: str) -> list[str]:
    """"algorithm" and "algorithm.compressor" for "algorithm.compressor.kind"."""
    parts = key.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts))]


def _kinds_above(key: str) -> list[str]:
    """Where the kinds stand to which a parameter belongs: topology.p belongs to topology.kind."""
    kinds = [kind for path in sections_above(key) for kind in (path, f"{path}.kind", f"{path}.model")]
    return [kind for kind in kinds if kind != key]


def _words(text: str) -> str:
    """For looking one text up in another by whole words: "erdos_renyi" is told by "Erdos-Renyi, p 0.4"."""
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
        # Equal scenarios, say of two program versions: only the file tells them apart.
        named = [
            text if texts.count(text) == 1 else f"{text}, {naming(trace)}" if text else naming(trace)
            for text, trace in zip(texts, traces)
        ]
        if _distinct(named):
            return named
    return [f"{text} ({i})" for i, text in enumerate(named, start=1)]


def telling_keys(traces: Iterable[Trace], ignored: Collection[str] = ()) -> list[str]:
    """As few parameters as tell the traces apart, greedily, those `ignored` apart; they may not tell all."""
    traces = list(traces)
    every = dict.fromkeys(key for trace in traces for key in trace.parameters if key not in ("name", *ignored))
    differing = [key for key in every if len({trace.parameters.get(key) for trace in traces}) > 1]
    varied = {key for trace in traces for key in trace.sweep}
    # What was varied first, then the algorithm's parameters, else in the scenario's order (the sort is stable).
    algorithm = ["algorithm", "algorithm.kind"]
    differing.sort(key=lambda key: (key not in algorithm, key not in varied, not key.startswith("algorithm.")))

    def classes(keys: list[str]) -> int:
        return len({tuple(trace.parameters.get(key) for key in keys) for trace in traces})

    # Whatever else differs, the algorithm is what one looks for.
    chosen = [key for key in algorithm if key in differing][:1]
    while classes(chosen) < len(traces):
        best = max(differing, key=lambda key: classes(chosen + [key]), default=None)
        if best is None or classes(chosen + [best]) == classes(chosen):
            break
        chosen.append(best)
    return sorted(chosen, key=differing.index)


def describe(trace: Trace, keys: Collection[str]) -> str:
    """What the trace has for these: "dadam, bandwidth 1 Mbit/s"."""
    short = [key.rsplit(".", 1)[-1] for key in keys]
    parts = []
    for key, last in zip(keys, short):
        value = _short(trace.parameter(key))
        if value == ABSENT:
            continue
        # "dadam", not "kind dadam"; otherwise the last word of the path where it is clear, else the path.
        speaks_for_itself = last == "kind" or trace.is_section(key)
        parts.append(value if speaks_for_itself else f"{last if short.count(last) == 1 else key} {value}")
    return _printable(", ".join(parts))


def caption(trace: Trace, keys: Collection[str]) -> str:
    """The same where something has to stand: "none" where the trace has none of them."""
    return describe(trace, keys) or ABSENT


def last_word(path: str) -> str:
    """Of a parameter, for axes: "step size" for "algorithm.step_size"."""
    return path.rsplit(".", 1)[-1].replace("_", " ")


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _distinct(texts: list[str]) -> bool:
    return len(set(texts)) == len(texts)


def _printable(text: str) -> str:
    """Control characters and broken UTF-8 have no glyph and would make an SVG malformed."""
    return "".join(c if c.isprintable() else " " for c in text)
