"""What a legend calls each trace: its scenario's name, and where names repeat, what differs."""

from __future__ import annotations

import re

from analysis.traces import Trace


def labels_of(traces: list[Trace]) -> tuple[list[str], str | None]:
    """One distinct label per trace, and the name that all of them share, if they do (it becomes the title).

    Traces of one name are told apart by the parameters in which they differ (the algorithm first, then as few
    as suffice), where their scenarios are equal by the files' names.
    """
    names = [trace.name for trace in traces]
    shared = names[0] if len(traces) > 1 and len(set(names)) == 1 else None
    labels = list(names)
    for name in dict.fromkeys(names):
        members = [i for i, other in enumerate(names) if other == name]
        if len(members) > 1:
            for i, difference in zip(members, _differences([traces[i] for i in members])):
                labels[i] = difference if shared else f"{name}, {difference}"
    return [_printable(label) for label in labels], None if shared is None else _printable(shared)


def unsaid_differences(traces: list[Trace], labels: list[str]) -> str:
    """The settings in which the runs differ though no label tells: "seed (1, 2), stop.bits (1e6, 1e7)".

    Not the algorithm's kind, which a name stands for, nor `record`, which changes no curve. Runs whose kinds
    differ, say of their topologies, are not compared in what belongs to these kinds. "" where all is told.
    """
    known = [(trace.parameters, _words(label)) for trace, label in zip(traces, labels) if trace.parameters]
    every = dict.fromkeys(key for parameters, _ in known for key in parameters)
    found = []
    for key in every:
        if key in ("name", "algorithm.kind") or key.startswith("record."):
            continue
        values: dict[tuple, dict[str, None]] = {}
        for parameters, _ in known:
            kinds = tuple(parameters.get(kind) for kind in _kinds_above(key))
            values.setdefault(kinds, {})[_short(parameters.get(key, "none"))] = None
        is_told = all(_words(parameters.get(key, "none")) in label for parameters, label in known)
        if not is_told and any(len(those) > 1 for those in values.values()):
            distinct = dict.fromkeys(value for those in values.values() for value in those)
            found.append(f"{key} ({_some(list(distinct))})")
    return _some(found, most=6)


def _kinds_above(key: str) -> list[str]:
    """Where the kinds stand to which a parameter belongs: topology.p belongs to topology.kind."""
    sections = key.split(".")[:-1]
    paths = [".".join(sections[: i + 1]) for i in range(len(sections))]
    return [kind for path in paths for kind in (f"{path}.kind", f"{path}.model") if kind != key]


def _words(text: str) -> str:
    """For looking one text up in another by whole words: "erdos_renyi" is told by "Erdos-Renyi, p 0.4"."""
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.casefold()).strip()} "


def _some(texts: list[str], most: int = 4) -> str:
    rest = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {rest} more" if rest > 0 else "")


def _differences(traces: list[Trace]) -> list[str]:
    keys = _telling_keys(traces)
    texts = [_describe(trace, keys) for trace in traces]
    if _distinct(texts):
        return texts
    for naming in (lambda t: t.path.stem, lambda t: str(t.path)):
        # Equal scenarios, say of two program versions: only the file tells them apart.
        named = [f"{text}, {naming(trace)}" if text else naming(trace) for text, trace in zip(texts, traces)]
        if _distinct(named):
            return named
    return [f"{text} ({i})" for i, text in enumerate(named, start=1)]


def _telling_keys(traces: list[Trace]) -> list[str]:
    """As few parameters as tell the traces apart, greedily; none where they cannot."""
    every = dict.fromkeys(key for trace in traces for key in trace.parameters if key != "name")
    differing = [key for key in every if len({trace.parameters.get(key) for trace in traces}) > 1]
    # The algorithm's parameters first, else in the scenario's order (the sort is stable).
    differing.sort(key=lambda key: (key != "algorithm.kind", not key.startswith("algorithm.")))

    def classes(keys: list[str]) -> int:
        return len({tuple(trace.parameters.get(key) for key in keys) for trace in traces})

    # Whatever else differs, the algorithm is what one looks for.
    chosen = [key for key in differing if key == "algorithm.kind"]
    while classes(chosen) < len(traces):
        best = max(differing, key=lambda key: classes(chosen + [key]), default=None)
        if best is None or classes(chosen + [best]) == classes(chosen):
            break
        chosen.append(best)
    return sorted(chosen, key=differing.index)


def _describe(trace: Trace, keys: list[str]) -> str:
    short = [key.rsplit(".", 1)[-1] for key in keys]
    parts = []
    for key, last in zip(keys, short):
        value = trace.parameters.get(key)
        if value is None:
            continue
        value = _short(value)
        # "dadam", not "kind dadam"; otherwise the last word of the path where it is clear, else the path.
        parts.append(value if last == "kind" else f"{last if short.count(last) == 1 else key} {value}")
    return ", ".join(parts)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _distinct(texts: list[str]) -> bool:
    return len(set(texts)) == len(texts)


def _printable(text: str) -> str:
    """Control characters and broken UTF-8 have no glyph and would make an SVG malformed."""
    return "".join(c if c.isprintable() else " " for c in text)
