"""Every tool over every bad trace: one line that says what is wrong, or a result if the fault is harmless."""

import contextlib
import fcntl
import itertools
import os
import subprocess
import sys
import unittest

import numpy as np
from bad_traces import FILES, READ_BY_ALL, READ_BY_ONE, sound, write_bad
from traces_for_tests import ROOT, WithFolder, metrics, scenario

from analysis import against, best, claims, histograms, plot, runs, table, time_split, topology, winners
from analysis.command import InputError
from analysis.gossamer import Gossamer, Request
from analysis.traces import TraceError, load

FIGURE = "FIGURE"  # stands for the figure's path
TOOLS = {
    "table": (table, "--rows", "algorithm", "--values", "grad_norm,time"),
    "best": (best, "--over", "algorithm.step_size", "--metric", "grad_norm"),
    "plot": (plot, "--x", "time", "--y", "grad_norm", "-o", FIGURE),
    "against": (against, "--x", "network.bandwidth", "--y", "time", "--target", "grad_norm=0.01", "-o", FIGURE),
    "winners": (winners, "--x", "network.bandwidth", "--y", "network.latency", "--target", "grad_norm=0.01", "-o", FIGURE),
    "time_split": (time_split, "--bars", "algorithm", "-o", FIGURE),
    "histograms": (histograms, "--vector", "gradient", "--layers", "0", "-o", FIGURE),
    "topology": (topology, "-o", FIGURE),
}
CLAIMS = """\
paper: P
runs: {a: {scenario: small.yaml}}
claims: [{id: c, says: it is small, measured_by: "final(a, grad_norm) < 1"}]
"""
COMMAND = '#!/bin/sh\nif [ "$1" = identity ]; then echo known; else cp -a {answer} "$4" || true; fi\n'


class WithBadTraces(WithFolder):
    def bad_insides(self, changes):
        """What is wrong, and the trace; one at a time."""
        for what, change in changes.items():
            path = self.folder / "bad.h5"
            write_bad(path, change)
            yield what, path
            for file in self.folder.glob("bad.h5*"):
                file.unlink()

    def bad_files(self):
        for i, (what, make) in enumerate(FILES.items()):
            path = self.folder / f"{i}.h5"
            make(path)
            yield what, path

    def can_be_read(self, path):
        with contextlib.suppress(TraceError):
            return load(path) is not None
        return False


class Reading(WithBadTraces):
    def run_tool(self, tool, *traces):
        main, *arguments = TOOLS[tool]
        return self.run_main(main.main, *traces, *(self.folder / "figure.svg" if a == FIGURE else a for a in arguments))

    def assert_ends_well(self, tool, path, codes=(0, 2)):
        code, _, said = self.run_tool(tool, path)
        self.assertIn(code, codes, f"{tool}: {said}")
        lines = [line for line in said.splitlines() if "note: " not in line]
        self.assertEqual(len(lines), 1 if code else 0, f"{tool}: {said}")
        self.assertNotRegex(said, "internal error|Traceback|remove")

    def test_a_sound_trace_is_drawn(self):
        path = self.folder / "sound.h5"
        path.write_bytes(sound())
        for tool in TOOLS:
            self.assert_ends_well(tool, path, codes=[0])

    def test_files_that_are_not_traces(self):
        for what, path in self.bad_files():
            for tool in TOOLS:
                with self.subTest(what):
                    self.assert_ends_well(tool, path, codes=[2])

    def test_what_every_tool_reads(self):
        """All tools refuse alike what cannot be read, so one of them in turn tries it."""
        in_turn = itertools.cycle(TOOLS)
        for what, path in self.bad_insides(READ_BY_ALL):
            with self.subTest(what):
                if self.can_be_read(path):
                    self.assert_ends_well("plot", path)
                    self.assert_ends_well("table", path)
                else:
                    self.assert_ends_well(next(in_turn), path, codes=[2])

    def test_numbers_whose_squares_are_infinite(self):
        for numbers in ((1e200, 3e200), (1e308, 1.5e308), (-1e308, 1e308), (5e-324, 1e-323)):
            traces = [
                self.trace(f"{seed}.h5", metrics(grad_norm=np.full(21, number)), seed=seed, scenario=scenario(seed=seed))
                for seed, number in enumerate(numbers)
            ]
            for tool in TOOLS.keys() - {"topology"}:
                with self.subTest(numbers):
                    code, _, said = self.run_tool(tool, *traces)
                    self.assertNotIn("internal error", said, tool)

    def test_what_only_one_tool_reads(self):
        for tool, changes in READ_BY_ONE.items():
            for what, path in self.bad_insides(changes):
                with self.subTest(what):
                    self.assert_ends_well(tool, path)


    def test_what_did_not_come_to_its_end_is_left_out_and_a_note_says_so(self):
        whole, part = self.folder / "whole.h5", self.folder / "part.h5"
        whole.write_bytes(sound())
        for status in ("partial", "failed"):
            write_bad(part, lambda h5: h5.attrs.__setitem__("status", status))
            for tool in ("table", "best", "against", "winners", "time_split"):
                self.assert_ends_well(tool, part, codes=[2])
                with self.subTest(tool):
                    code, _, said = self.run_tool(tool, whole, part)
                    self.assertEqual((code, said), (0, f"{tool}.py: note: {part}: the run is {status}; it is left out\n"))


class Doors(WithFolder):
    """What keeps a sound trace from being opened, and what does not."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "sound.h5"
        self.path.write_bytes(sound())

    @contextlib.contextmanager
    def without_rights(self):
        """As root could read everything, the tests of root lend themselves another identity."""
        is_root = os.geteuid() == 0
        try:
            if is_root:
                os.seteuid(65534)
            yield
        finally:
            if is_root:
                os.seteuid(0)

    def test_no_permission(self):
        for closed in (self.path, self.folder):
            mode = closed.stat().st_mode
            closed.chmod(0)
            with self.without_rights(), self.assertRaisesRegex(TraceError, r"cannot be opened: Permission denied$"):
                runs.load(self.path)
            closed.chmod(mode)

    def test_a_lock_of_another_process_does_not_matter(self):
        with open(self.path, "rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertEqual(load(self.path).status, "complete")

    def test_a_name_that_is_too_long(self):
        for path in ("x" * 300 + ".h5", "x" * 300):
            with self.assertRaisesRegex(TraceError, "cannot be opened: File name too long"):
                runs.load(self.folder / path)
        with self.assertRaisesRegex(TraceError, "cannot be opened: embedded null byte"):
            runs.load("a\0b.h5")

    def test_names_of_figures(self):
        for length, said in ((255, r"^$"), (256, r"^\S+ cannot be written: File name too long\n$")):
            figure = self.folder / ("x" * (length - 4) + ".svg")
            code, _, got = self.run_main(topology.main, self.path, "-o", figure)
            self.assertEqual(code, 0 if length == 255 else 2)
            self.assertRegex(got, said)

    def test_a_folder_hides_nothing(self):
        (self.folder / "gone.h5").symlink_to("nothing")
        with self.assertRaisesRegex(TraceError, r"gone\.h5: no such file"):
            runs.load(self.folder)

    def test_matplotlibs_settings_do_not_matter(self):
        for settings in ({"MPLBACKEND": "nonsense"}, {"MPLBACKEND": "module://nonsense"}, {"SOURCE_DATE_EPOCH": "x"}):
            command = [sys.executable, ROOT / "analysis/topology.py", self.path, "-o", self.folder / "figure.svg"]
            done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


class MakingTraces(WithBadTraces):
    """The command leaves a bad trace, or one lies where its trace belongs."""

    def setUp(self):
        super().setUp()
        self.write("small.yaml", "name: A\nalgorithm: {kind: dgd, step_size: 1}\n")
        self.write("claims.yaml", CLAIMS)
        self.command = self.write("command/gossamer", "")
        self.command.chmod(0o755)

    def result(self, out):
        request = Request(self.folder / "small.yaml", (), out)
        return dict(Gossamer(self.command).results([request]))[request]

    def test_what_the_command_leaves(self):
        a_fifth = dict(list(READ_BY_ALL.items())[::5])
        for i, (what, path) in enumerate(itertools.chain(self.bad_files(), self.bad_insides(a_fifth))):
            self.command.write_text(COMMAND.format(answer=path))
            self.result(self.folder / f"out{i}")  # a trace or a failure
            code, _, said = self.run_main(
                claims.main, self.folder / "claims.yaml", "--gossamer", self.command, "-o", self.folder / f"claims{i}"
            )
            with self.subTest(what):
                self.assertIn(code, (0, 1))  # 1: not measured
                self.assertEqual(said, "")

    def test_what_lies_where_the_trace_belongs(self):
        answer = self.folder / "answer.h5"
        answer.write_bytes(sound())
        self.command.write_text(COMMAND.format(answer=answer))
        for i, (what, make) in enumerate(FILES.items()):
            kept = self.folder / f"out{i}/small.h5"
            kept.parent.mkdir()
            make(kept)
            with self.subTest(what):
                if what == "a directory":
                    with self.assertRaisesRegex(InputError, r"small\.h5: cannot be written: Is a directory"):
                        self.result(kept.parent)
                else:
                    self.assertEqual(self.result(kept.parent).status, "complete")


if __name__ == "__main__":
    unittest.main()
