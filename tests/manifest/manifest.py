#!/usr/bin/python3
"""Records what runs compute, bit for bit, and says what differs between two such records.

    manifest.py record OUT.json [--gossamer COMMAND] [--random N] [--most-iterations K] ...
    manifest.py compare BEFORE.json AFTER.json

A record holds runs of the repository's scenarios and of random ones. Data sets are found as the command finds them;
scenarios whose data are missing are listed as skipped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import random_scenarios

ROOT = Path(__file__).resolve().parents[2]
FACTS = ("status", "ended_by", "diverged_at", "seed", "fingerprint")
MISSING_DATA = "not found; looked for in"

Record = dict[str, Any]  # Of one run: its facts and its columns; or its status, and what the command said.


def column(values: np.ndarray) -> Record:
    """A hash of all bits, and what a reader can make sense of."""
    values = np.asarray(values)
    numbers = np.ascontiguousarray(values, dtype="<f8" if values.dtype.kind == "f" else "<i8")
    digest = hashlib.sha256(numbers.tobytes()).hexdigest()[:16]
    return {"shape": list(values.shape), "last": repr(numbers.flat[-1].item()) if values.size else "", "sha256": digest}


def record_of(trace: Path) -> Record:
    """The facts and every array of a trace, whatever arrays there are; not the scenario, nor who made the trace."""
    with h5py.File(trace, "r") as file:
        columns = {}

        def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if name == "iteration":  # it is visited under one of its names
                name = "metrics/iteration"
            elif "CLASS" in item.attrs:  # a dimension, which has no numbers
                return
            if isinstance(item, h5py.Dataset):
                columns[name] = column(item[()])
            numbers = {key: value for key, value in item.attrs.items() if isinstance(value, np.number)}
            columns.update({f"{name}@{key}": column(value) for key, value in numbers.items()})

        file.visititems(visit)
        facts = {key: str(file.attrs[key]) for key in FACTS if key in file.attrs}
    return {**facts, "columns": columns}


def capped(scenario: str, most: int) -> str:
    """The text with no more iterations than `most`. As text, since --set does not reach what a sweep sets."""
    cap = lambda number: str(min(most, int(float(number[0]))))
    return re.sub(r"\biterations: *(\[[^]]*\]|\d[\d.e+]*)", lambda found: re.sub(r"\d[\d.e+]*", cap, found[0]), scenario)


class Recorder:
    """Makes runs with the command, each in a folder that is gone afterwards."""

    def __init__(self, gossamer: str, threads: int, most_iterations: int | None):
        self.gossamer, self.threads, self.most_iterations = gossamer, threads, most_iterations

    def of_repository(self, path: Path) -> dict[str, Record]:
        """The run of a scenario in the repository, or all runs of its sweep, by their names."""
        name = str(path.relative_to(ROOT))
        begin = time.monotonic()
        text = path.read_text()
        with tempfile.TemporaryDirectory() as folder:
            if self.most_iterations is not None:
                path = Path(folder) / path.name
                path.write_text(capped(text, self.most_iterations))
            is_sweep = re.search(r"^sweep:", text, re.MULTILINE)
            records = self._sweep(name, path, Path(folder)) if is_sweep else {name: self._run(path, Path(folder))}
        print(f"{time.monotonic() - begin:7.1f} s  {name}: {len(records)} run(s)", file=sys.stderr)
        return records

    def of_random(self, path: Path) -> dict[str, Record]:
        with tempfile.TemporaryDirectory() as folder:
            return {f"random/{path.stem}": self._run(path, Path(folder))}

    def _run(self, scenario: Path, folder: Path) -> Record:
        trace = folder / "trace.h5"
        done = self._call("run", scenario, "-o", trace, "--threads", str(self.threads), "--quiet")
        if trace.exists():
            return record_of(trace)
        return {"status": f"exit code {done.returncode}", "said": said(done, scenario.parent)}

    def _sweep(self, name: str, scenario: Path, folder: Path) -> dict[str, Record]:
        traces = folder / "traces"
        done = self._call("sweep", scenario, "-o", traces, "--jobs", "1", "--quiet")
        records = {f"{name}: {trace.stem}": record_of(trace) for trace in sorted(traces.glob("*.h5"))}
        for line in done.stderr.splitlines():
            if failed := re.match(r"(.*)\.h5: failed: (.*)", line):
                run = f"{name}: {Path(failed[1]).name}"
                records.setdefault(run, {"status": "failed", "said": failed[2]})
        if not records:
            records[name] = {"status": f"exit code {done.returncode}", "said": said(done, scenario.parent)}
        return records

    def _call(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.gossamer, *arguments], capture_output=True, text=True, errors="replace")


def said(done: subprocess.CompletedProcess[str], folder: Path) -> str:
    """Without the folder, which is another one each time."""
    return done.stderr.strip().replace(f"{folder}/", "")


def repository_scenarios() -> list[Path]:
    """claims.yaml files speak of scenarios, but are none."""
    return sorted(path for path in (ROOT / "scenarios").rglob("*.yaml") if path.name != "claims.yaml")


def record(options: argparse.Namespace) -> int:
    begin = time.monotonic()
    recorder = Recorder(options.gossamer, options.threads, options.most_iterations)
    version = subprocess.run([options.gossamer, "--version"], capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        drawn = sorted(folder.glob("*.yaml"))
        if not drawn:
            drawn = random_scenarios.write(folder, options.random, options.seed, options.gossamer)
        runs: dict[str, Record] = {}
        with ThreadPoolExecutor(options.jobs) as pool:
            found = list(pool.map(recorder.of_random, drawn))
            found += pool.map(recorder.of_repository, repository_scenarios() if options.scenarios else [])
        for records in found:
            runs |= records
    skipped = {name: run["said"] for name, run in runs.items() if MISSING_DATA in run.get("said", "")}
    kept = {name: run for name, run in sorted(runs.items()) if name not in skipped}
    manifest = {"gossamer": version.stdout.strip(), "most_iterations": options.most_iterations,
                "skipped": skipped, "runs": kept}
    options.out.write_text(json.dumps(manifest, indent=1) + "\n")
    ends = ", ".join(f"{count} {status}" for status, count in Counter(run["status"] for run in kept.values()).items())
    print(f"{options.out}: {len(kept)} runs ({ends}), {len(skipped)} skipped, in {time.monotonic() - begin:.0f} s")
    return 0


@dataclass(frozen=True)
class Difference:
    run: str
    kind: str  # "changed", or "added" or "removed": only after, only before.
    what: str  # A fact or a column; "" for the whole run.
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind:<8} {self.run}" + f"  {self.what}" * bool(self.what) + f": {self.detail}" * bool(self.detail)


def differences(before: Record, after: Record) -> Iterator[Difference]:
    """Between two manifests, run by run."""
    for run, kind, a, b in joined(before["runs"], after["runs"]):
        if kind != "both":
            yield Difference(run, kind, "")
            continue
        for fact in FACTS:
            if a.get(fact) != b.get(fact):
                yield Difference(run, "changed", fact, f"{a.get(fact)} -> {b.get(fact)}  {b.get('said', '')}".rstrip())
        for name, kind, x, y in joined(a.get("columns", {}), b.get("columns", {})):
            if kind != "both":
                yield Difference(run, kind, name)
            elif x["shape"] != y["shape"]:
                yield Difference(run, "changed", name, f"shape {x['shape']} -> {y['shape']}")
            elif x != y:
                yield Difference(run, "changed", name, f"last {x['last']} -> {y['last']}")


def joined(before: Record, after: Record) -> Iterator[tuple[str, str, Any, Any]]:
    """(key, "both", "added" or "removed", value before, value after), by key."""
    for key in sorted({*before, *after}):
        kind = "added" if key not in before else "removed" if key not in after else "both"
        yield key, kind, before.get(key), after.get(key)


def compare(options: argparse.Namespace) -> int:
    before, after = json.loads(options.before.read_text()), json.loads(options.after.read_text())
    if before["most_iterations"] != after["most_iterations"]:
        print("recorded with different --most-iterations", file=sys.stderr)
        return 2
    found = list(differences(before, after))
    for difference in found:
        print(difference)
    for name, kind, _, reason in joined(before["skipped"], after["skipped"]):
        if kind == "added":
            print(f"note: only after skipped: {name}: {reason}")
    runs = before["runs"].keys() & after["runs"].keys()
    differ = {difference.run for difference in found} & runs
    kinds = Counter(difference.kind for difference in found)
    print(f"{before['gossamer']} -> {after['gossamer']}: {len(runs)} runs in both, {len(differ)} differ; "
          + ", ".join(f"{kinds[kind]} {kind}" for kind in ("changed", "added", "removed")))
    return 1 if found else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)

    recording = commands.add_parser("record", help="run everything, and write what came out")
    add = recording.add_argument
    add("out", type=Path)
    add("--gossamer", default=os.environ.get("GOSSAMER", "gossamer"), metavar="COMMAND", help="default: $GOSSAMER")
    add("--random", type=int, default=500, metavar="N", help="random scenarios to draw (default: 500)")
    add("--seed", type=int, default=1, metavar="S", help="what they are drawn from (default: 1)")
    add("--folder", type=Path, metavar="DIR", help="keep them there; those that are there already are run in their stead")
    add("--scenarios", action=argparse.BooleanOptionalAction, default=True, help="the repository's scenarios (default: yes)")
    add("--most-iterations", type=int, metavar="K", help="cap of the repository's scenarios (default: none)")
    add("--jobs", type=int, default=1, metavar="N", help="scenarios at a time (default: 1)")
    add("--threads", type=int, default=1, metavar="N", help="of a run that is not a sweep's (default: 1)")
    recording.set_defaults(command=record)

    comparing = commands.add_parser("compare", help="list what differs; exit code 1 where anything does")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.set_defaults(command=compare)

    options = parser.parse_args(arguments)
    return options.command(options)


if __name__ == "__main__":
    sys.exit(main())
