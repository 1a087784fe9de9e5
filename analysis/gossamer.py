"""Runs scenarios through the gossamer command, several at a time, and keeps finished traces."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from analysis import runs, traces
from analysis.command import InputError, Parser
from analysis.hdf5 import TraceError
from analysis.runs import Runs
from analysis.traces import Trace

Assignments = tuple[tuple[str, str], ...]  # (dotted path, value as YAML), as --set takes them


@dataclass(frozen=True)
class Request:
    """A run to make: the scenario, what is set in it, and the folder for the trace."""

    scenario: Path
    assignments: Assignments
    folder: Path

    @property
    def name(self) -> str:
        return ",".join([self.scenario.stem, *(f"{path}={value}" for path, value in self.assignments)])

    @property
    def trace(self) -> Path:
        """The name is readable; a hash follows where it is too long or unfit for a file."""
        readable = re.sub(r"[^\w.,=+-]+", "_", self.name)[:150]
        mark = "" if readable == self.name else "-" + _hash(self.name.encode())[:8]
        return self.folder / f"{readable}{mark}.h5"


@dataclass(frozen=True)
class SweepRequest:
    """All runs of a scenario's sweep, in their own folder."""

    scenario: Path
    folder: Path

    @property
    def name(self) -> str:
        return self.scenario.stem

    @property
    def traces(self) -> Path:
        return self.folder / self.scenario.stem


@dataclass(frozen=True)
class Failure:
    """Why there is no finished trace of a run."""

    reason: str
    is_bad_input: bool


def find_command(name: str | None = None) -> Path:
    """The gossamer command: of this name, or $GOSSAMER, or the one that was built or installed with this file."""
    root = Path(__file__).resolve().parents[1]
    is_installed = root.parts[-2:] == ("share", "gossamer")
    built = root.parents[1] / "bin/gossamer" if is_installed else root / "build/release/gossamer"
    name = name or os.environ.get("GOSSAMER") or (built if built.exists() else "gossamer")
    found = shutil.which(name)
    if found is None:
        raise InputError(f"{name}: no such command; './dev build' makes it, --gossamer PATH names it")
    return Path(found)


class Gossamer:
    """The gossamer command."""

    def __init__(self, path: Path, jobs: int = 1, is_fresh: bool = False):
        """`jobs`: how many runs at a time, one thread each; `is_fresh`: whether kept traces are made again."""
        self.path, self.jobs, self.is_fresh = path, jobs, is_fresh

    @staticmethod
    def add_options(parser: Parser) -> None:
        cores = len(os.sched_getaffinity(0))
        add = parser.add_argument
        add("--gossamer", metavar="PATH", help="the gossamer command (default: $GOSSAMER, or what './dev build' made)")
        add("--jobs", type=int, default=cores, metavar="N", help=f"runs at a time (default: {cores})")
        add("--fresh", action="store_true", help="make all runs again, even those whose finished trace is kept")

    @staticmethod
    def of(options: Namespace) -> Gossamer:
        if options.jobs < 1:
            raise InputError(f"--jobs {options.jobs}: is not a number of runs; it takes 1 or more")
        return Gossamer(find_command(options.gossamer), options.jobs, options.fresh)

    def results(
        self, requests: Iterable[Request | SweepRequest]
    ) -> Iterator[tuple[Request | SweepRequest, Trace | Runs | Failure]]:
        """Each request with its trace, complete or diverged, or a sweep's traces, in the order in which they finish.

        When the caller stops iterating, or interrupts, the running processes are ended and leave nothing behind.
        """
        wanted = list(dict.fromkeys(requests))
        for folder in dict.fromkeys(request.folder for request in wanted):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{folder}: cannot be created: {error.strerror}") from None
        children = _Children()
        with ThreadPoolExecutor(self.jobs) as pool:
            makers = {Request: self._result, SweepRequest: self._swept}
            futures = {pool.submit(makers[type(request)], request, children): request for request in wanted}
            try:
                for done, future in enumerate(as_completed(futures), start=1):
                    _show(f"{done} of {len(wanted)} runs")
                    yield futures[future], future.result()
            finally:
                _show("")
                pool.shutdown(wait=False, cancel_futures=True)
                children.end()

    def _result(self, request: Request, children: _Children) -> Trace | Failure:
        settings = [option for path, value in request.assignments for option in ("--set", f"{path}={value}")]
        if not self.is_fresh and (kept := self._kept(request, settings, children)):
            return kept
        try:
            # The trace stays in a folder of its own until it is complete.
            with tempfile.TemporaryDirectory(dir=request.folder, prefix=".running-") as desk:
                output = Path(desk) / "trace.h5"
                command = [self.path, "run", request.scenario, "-o", output, "--threads", "1", "--quiet"]
                code, _, said = children.run([*command, *settings])
                if code == 0:
                    traces.load(output)  # it may be anything
                if code in (0, 1) and output.is_file():  # not a partial trace of a run that was ended
                    os.replace(output, request.trace)
        except TraceError as error:
            return self._no_trace(error)
        except OSError as error:
            raise InputError(f"{request.trace}: cannot be written: {error.strerror or error}") from None
        if code != 0:
            return self._failure(code, said)
        trace = traces.load(request.trace)
        return trace if trace.is_finished else _unfinished(trace)

    def _kept(self, request: Request, settings: list[str], children: _Children) -> Trace | None:
        """The finished trace that is there, if the command would make just this one."""
        with contextlib.suppress(TraceError):  # it is missing or cannot be read
            trace = traces.load(request.trace)
            code, identity, _ = children.run([self.path, "identity", request.scenario, *settings])
            if code == 0 and trace.is_finished and trace.attributes.get("identity") == identity.strip():
                return trace
        return None

    def _failure(self, code: int, said: str) -> Failure:
        reason = " ".join(said.split()) or f"{self.path} ended with code {code} and said nothing"
        return Failure(reason, is_bad_input=code == 2)

    def _no_trace(self, error: TraceError) -> Failure:
        return Failure(f"{self.path} left a trace that cannot be read: {error}", is_bad_input=False)

    def _swept(self, request: SweepRequest, children: _Children) -> Runs | Failure:
        """The command itself keeps finished runs. Other sweeps may have left traces beside them."""
        command = [self.path, "sweep", request.scenario, "-o", request.traces, "--jobs", "1", "--quiet"]
        code, _, said = children.run([*command, *(["--fresh"] if self.is_fresh else [])])
        if code != 0:
            return self._failure(code, said)
        code, listed, said = children.run([self.path, "identity", request.scenario])
        if code != 0:
            return self._failure(code, said)
        names = [line.partition("  ")[2] for line in listed.splitlines()]
        try:
            made = Runs(traces.load(request.traces / name) for name in names)
        except TraceError as error:
            return self._no_trace(error)
        return next((_unfinished(trace) for trace in made if not trace.is_finished), made)


class _Children:
    """The running processes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen] = set()
        self._is_ended = False

    def run(self, command: list[object]) -> tuple[int, str, str]:
        """(exit code, standard output, standard error)"""
        with self._lock:
            if self._is_ended:
                return 130, "", "interrupted"
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
            self._running.add(process)
        printed, said = process.communicate()
        with self._lock:
            self._running.remove(process)
        return process.returncode, printed.decode(errors="replace"), said.decode(errors="replace")

    def end(self) -> None:
        with self._lock:
            self._is_ended = True
            for process in self._running:
                process.kill()


def _unfinished(trace: Trace) -> Failure:
    return Failure(f"{trace.path}: the run is {trace.status}", is_bad_input=False)


def _show(progress: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", file=sys.stderr, flush=True)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
