"""What users' machines do to a run: terminals that close, disks that fill, files that are not what they seem."""

import bz2
import os
import random
import resource
import subprocess
import time
import unittest

import h5py
from test_command import GOSSAMER, SMALL, CommandTest

SWEEP = SMALL + "sweep: {seed: [1, 2, 3]}\n"


class Listeners(CommandTest):
    """Writing to standard error never ends anything."""

    def test_a_log_on_a_full_disk(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([GOSSAMER, "run", "small.yaml", "--set", "algorithm.step_size=1e200"], cwd=self.folder,
                                  stdout=subprocess.DEVNULL, stderr=full)
        self.assertEqual(done.returncode, 0)
        self.assertIn("small.h5", self.files())

    def test_a_log_that_is_closed(self):
        code = f"exec 2>&-; {GOSSAMER} run small.yaml --quiet --set algorithm.step_size=1e200"
        self.assertEqual(subprocess.run(["sh", "-c", code], cwd=self.folder).returncode, 0)
        self.assertIn("small.h5", self.files())

    def test_a_reader_who_has_left(self):
        for sending in ("2>&1 >/dev/null", "2>/dev/null"):  # Standard error, standard output.
            code = f"{GOSSAMER} run small.yaml --set algorithm.step_size=1e200 {sending} | true"
            subprocess.run(["sh", "-c", code], cwd=self.folder, check=True)
            with h5py.File(self.folder / "small.h5") as trace:
                self.assertEqual(trace.attrs["status"], "diverged")
            (self.folder / "small.h5").unlink()


class Files(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SWEEP)

    def sweep(self, **options):
        return self.gossamer("sweep", "sweep.yaml", "--quiet", **options)

    def test_an_index_without_runs_is_ours(self):
        bad = self.gossamer("sweep", "sweep.yaml", "--set", "sweep={compute.factors: [[1], [2]]}", "--quiet")
        self.assertEqual(bad.returncode, 2)
        (self.folder / "sweep").mkdir(exist_ok=True)
        for index in ("", "\n", "trace,status\n"):
            self.write("sweep/index.csv", index)
            self.assert_done(self.sweep())

    def test_a_name_that_is_no_utf8(self):
        name = os.fsencode(str(self.folder)) + b"/\xff.yaml"
        with open(name, "w") as file:
            file.write(SWEEP)
        for _ in range(2):
            done = subprocess.run([GOSSAMER.encode(), b"sweep", name, b"-o", b"out"], cwd=self.folder, capture_output=True)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"3 there before; 3 traces", done.stdout)

    def test_damaged_traces_are_named_kept_and_made_again(self):
        self.assert_done(self.sweep())
        trace = self.folder / "sweep" / "seed=2.h5"
        whole = trace.read_bytes()
        for damage in (whole[:-1], whole + b"x", whole[:-79], whole[:-1000], whole[:100], whole[:3000] + bytes([whole[3000] ^ 1]) + whole[3001:]):
            trace.write_bytes(damage)
            done = self.sweep()
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stderr, r"\Asweep/seed=2.h5: is damaged: [^\n]*; it is made again, and kept as "
                                          r"sweep/seed=2.h5.damaged\n\Z")
            self.assertEqual(trace.read_bytes(), whole)
            self.assertEqual((self.folder / "sweep" / "seed=2.h5.damaged").read_bytes(), damage)

    def test_every_bit_counts(self):
        self.assert_done(self.gossamer("run", "small.yaml", "--quiet"))
        whole = (self.folder / "small.h5").read_bytes()
        for place in [*range(8, len(whole), len(whole) // 60), *range(len(whole) - 79, len(whole), 7)]:
            if place == 20:
                continue  # HDF5's own mark of a file that is open.
            self.write("small.h5", whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1:])
            done = self.gossamer("run", "small.h5", timeout=10)
            self.assertEqual(done.returncode, 2, (place, done.stdout))
            self.assertRegex(done.stderr, r"\Asmall.h5: is (damaged|not a trace): [^\n]*\n\Z")

    def test_traces_that_cannot_be_opened(self):
        self.assert_done(self.sweep())
        trace = self.folder / "sweep" / "seed=2.h5"
        trace.chmod(0)
        self.assert_refused(self.sweep(bound=True), "sweep/seed=2.h5: cannot be opened: Permission denied")
        trace.unlink()
        os.mkfifo(trace)
        self.assert_refused(self.sweep(timeout=10), "sweep/seed=2.h5: cannot be written: it is not a file")

    def test_a_trace_that_another_program_has_open(self):
        self.assert_done(self.sweep())
        with h5py.File(self.folder / "sweep" / "seed=2.h5", "r+"):  # It holds HDF5's lock.
            said = self.assert_done(self.gossamer("sweep", "sweep.yaml"))
        self.assertIn("0 done (0 diverged), 0 failed, 3 there before; 3 traces", said)

    def test_a_trace_that_goes_away_meanwhile(self):
        command = [GOSSAMER, "sweep", "sweep.yaml", "--quiet", "--jobs", "1", "--set", "sweep={stop.iterations: [10, 100000]}"]
        running = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        trace = self.folder / "sweep" / "iterations=10.h5"
        while not trace.exists() and running.poll() is None:
            time.sleep(0.001)
        trace.unlink()
        said = running.communicate(timeout=60)[1]
        self.assertEqual((running.returncode, said), (1, "sweep: 1 of the runs' traces are gone\n"))

    def test_attributes_of_the_wrong_shape(self):
        self.assert_done(self.sweep())
        def change(trace):
            del trace.attrs["scenario"]
            trace.attrs["scenario"] = ["many"] * 1000

        self.change("sweep/seed=2.h5", change)
        done = self.sweep()
        self.assertRegex(done.stderr, r"\Asweep/seed=2.h5: is damaged: scenario is not a text; [^\n]*\n\Z")
        self.assertEqual(done.returncode, 0)

    def test_links_to_elsewhere(self):
        self.assert_done(self.sweep())
        os.mkfifo(self.folder / "pipe")

        def change(trace):
            del trace["metrics/loss"]
            trace["metrics/loss"] = h5py.ExternalLink("../pipe", "/")

        self.change("sweep/seed=2.h5", change)
        done = self.sweep(timeout=10)
        self.assertRegex(done.stderr, r"\Asweep/seed=2.h5: is damaged: loss is a link to elsewhere; [^\n]*\n\Z")

    def test_a_link_to_another_trace_of_the_folder(self):
        (self.folder / "sweep").mkdir()
        (self.folder / "sweep" / "seed=1.h5").symlink_to("seed=2.h5")
        self.assert_refused(self.sweep(), "sweep/seed=1.h5: cannot be written: it is a link to another trace of the folder")

    def test_an_index_that_is_a_pipe(self):
        (self.folder / "sweep").mkdir()
        os.mkfifo(self.folder / "sweep" / "index.csv")
        self.assert_refused(self.sweep(timeout=10), "sweep/index.csv: cannot be written: it is there already")

    def test_names_without_a_folder(self):
        for name in ("..yaml", "x"):
            self.write(name, SWEEP)
            self.assert_refused(self.gossamer("sweep", name), r"(\.\.yaml|x): its name without its ending names no folder")

    def test_traces_in_place_of_scenarios(self):
        self.assert_done(self.run_small())
        for command in ("identity", "check", "topology", "sweep"):
            self.assert_refused(self.gossamer(command, "small.h5"), "small.h5: is a trace; only run takes one")

    def test_traces_of_later_versions(self):
        self.assert_done(self.run_small())
        self.change("small.h5", lambda trace: trace.attrs.modify("format_version", 999))
        self.assert_refused(self.run_small(), "small.h5: cannot be written: it is there already, and not a trace")
        self.assert_refused(self.gossamer("run", "small.h5"), "small.h5: is not a trace: it has format version 999; this reads")

    def test_planted_links_are_not_followed(self):
        self.write("victim", "mine")
        # The shell says the number of its process, which becomes that of the command.
        code = f'ln -s victim ".small.h5.$$.tmp"; exec {GOSSAMER} run small.yaml --quiet'
        subprocess.run(["sh", "-c", code], cwd=self.folder, check=True)
        self.assertEqual((self.folder / "victim").read_text(), "mine")
        self.assertEqual(self.files(), ["small.h5", "small.yaml", "sweep.yaml", "victim"])
        (self.folder / "sweep").mkdir()
        (self.folder / "sweep" / ".lock").symlink_to("../made")
        self.assert_refused(self.sweep(), "sweep/.lock: cannot be written: ")
        self.assertNotIn("made", self.files())

    def test_what_killed_runs_leave_is_removed(self):
        for name in (".small.h5.999999999.tmp", ".small.h5.1.tmp", ".other.h5.999999999.tmp"):
            self.write(name, "")
            os.utime(self.folder / name, (time.time() - 7200,) * 2)
        self.assert_done(self.run_small())
        self.assertEqual(self.files()[:2], [".other.h5.999999999.tmp", ".small.h5.1.tmp"])
        self.assertNotIn(".small.h5.999999999.tmp", self.files())

    def test_jobs_that_links_lead_to_one_file(self):
        self.assert_done(self.run_small())
        (self.folder / "sweep").mkdir()
        for seed in range(1, 101):
            (self.folder / "sweep" / f"seed={seed}.h5").symlink_to("../small.h5")
        seeds = f"sweep.seed={list(range(1, 101))}"
        self.assertIn("100 done", self.assert_done(self.gossamer("sweep", "small.yaml", "-o", "sweep", "--jobs", "8", "--set", seeds)))

    def test_what_killed_sweeps_leave_is_removed(self):
        self.assert_done(self.sweep())
        # Of runs that are there, by one thread and by another, and of the index.
        left = [".seed=1.h5.999999999.tmp", ".seed=2.h5.999999999-3.tmp", ".index.csv.999999999.tmp"]
        for name in (*left, ".seed=1.txt.999999999.tmp"):
            self.write("sweep/" + name, "begun")
        self.assert_done(self.sweep())
        self.assertEqual(sorted(path.name for path in (self.folder / "sweep").iterdir()),
                         [".lock", ".seed=1.txt.999999999.tmp", "index.csv", "seed=1.h5", "seed=2.h5", "seed=3.h5"])

    def test_flipped_bits_of_traces_without_a_seal(self):
        """HDF5's library crashes on some, and loops on others."""
        self.assert_done(self.sweep())
        path = self.folder / "sweep" / "seed=1.h5"
        with h5py.File(path, "r+") as trace:
            trace.attrs["format_version"] = 1
        content, draw = path.read_bytes(), random.Random(1)
        for k in range(100):
            changed = bytearray(content)
            for _ in range(draw.choice([1, 1, 2, 8])):
                changed[draw.randrange(8, len(changed))] ^= 1 << draw.randrange(8)
            self.write(f"sweep/changed{k}.h5", bytes(changed))
        done = self.sweep(timeout=300)
        self.assertIn(done.returncode, (0, 1))
        for line in done.stderr.splitlines():
            self.assertRegex(line, r"\Asweep/\S+\.h5: is (damaged|not a trace): ")
        self.assertIn("seed=3.h5", (self.folder / "sweep" / "index.csv").read_text())

    def test_links_in_paths(self):
        self.write("deep/er/s.yaml", "")
        self.write("deep/s.yaml", SMALL.replace("{kind: ring, nodes: 3}", "{kind: file, path: e.txt}"))
        self.write("deep/e.txt", "0 1\n1 2\n")
        self.write("e.txt", "nonsense\n")
        (self.folder / "lnk").symlink_to("deep/er")
        self.assert_done(self.gossamer("run", "lnk/../s.yaml", "--quiet"))

    def test_formulas_and_long_names(self):
        self.write("sweep.yaml", SMALL + 'sweep: {name: ["=cmd()", "-1", "%s"]}\n' % ("é" * 150))
        self.assert_done(self.sweep())
        text = (self.folder / "sweep" / "index.csv").read_text()
        self.assertIn(",'=cmd(),", text)
        self.assertIn(",-1,", text)
        for path in (self.folder / "sweep").iterdir():
            path.name.encode()  # No character is cut in two.
        self.write("sweep.yaml", SMALL + 'sweep: {name: ["a\\x1b[31mb", "c\\x9bd"]}\n')
        self.assert_done(self.sweep())
        names = "".join(path.name for path in (self.folder / "sweep").iterdir())
        for text in (names, (self.folder / "sweep" / "index.csv").read_text()):
            self.assertNotRegex(text, "[\x1b\x9b]")

    def test_names_cannot_command_a_terminal(self):
        self.write("a\x1b[31m\n.yaml", SMALL)
        said = self.assert_done(self.gossamer("check", "a\x1b[31m\n.yaml"))
        self.assertEqual((said.count("\n"), said.count("\x1b")), (1, 0))


class Sizes(CommandTest):
    """Memory is bounded by the input."""

    LIMIT = 1_500_000_000

    def bounded(self, *arguments, to=LIMIT):
        """With little memory, unless the command cannot even start then: the address sanitizer takes terabytes."""
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (to,) * 2)}
        starts = self.gossamer("--version", **limit).returncode == 0
        return self.gossamer(*arguments, **(limit if starts else {}))

    def with_data(self, content, name="own"):
        self.write(f"data/own/{name}", content)
        return ["--set", "problem={kind: logistic, dataset: own}"]

    def test_a_small_file_with_an_endless_line(self):
        data = self.with_data(bz2.compress(b"1 1:1" + b" " * 600_000_000), "own.bz2")
        self.assert_refused(self.bounded("check", "small.yaml", *data), "data/own/own.bz2: unpacks to over 1000 times its size")

    def test_a_small_file_with_rows_without_end(self):
        data = self.with_data(bz2.compress(b"1 1:1\n-1 1:2\n" * 10_000_000), "own.bz2")
        self.assert_refused(self.bounded("check", "small.yaml", *data), "data/own/own.bz2: unpacks to over 1000 times its size")
        few = self.with_data(bz2.compress(b"1 1:1\n-1 1:2\n" * 100_000), "own.bz2")
        self.assert_done(self.gossamer("check", "small.yaml", *few))

    def test_one_typo_in_an_index(self):
        data = self.with_data("1 1:1\n-1 2147483647:1\n1 1:2\n")
        self.assert_refused(self.gossamer("run", "small.yaml", *data), "data/own/own:2: has an index 2147483647; above 100000000 ")

    def test_anchors_of_anchors(self):
        lines = ["a0: &a0 [%s]" % ", ".join(["x"] * 1000)]
        lines += [f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 60)]
        self.write("bomb.yaml", "\n".join(lines))
        self.assert_refused(self.bounded("check", "bomb.yaml"), r"bomb.yaml:\d+:\d+: too many values")
        nested = "".join(f"&n{k} [" for k in range(90)) + ", ".join(["x"] * 60_000) + "]" * 90
        self.write("nested.yaml", "a: " + nested)
        self.assert_refused(self.bounded("check", "nested.yaml"), r"nested.yaml:\d+:\d+: too many values")

    def test_a_trace_that_memory_cannot_hold(self):
        """Wherever memory ends, the command ends well: HDF5 may not be left with a file that it cannot close."""
        large = ["topology.nodes=8", "problem={kind: quadratic, dimension: 100000}", "record={vectors: [x]}", "stop={iterations: 20}"]
        settings = [word for assignment in large for word in ("--set", assignment)]
        for limit in range(240_000_000, 400_000_000, 40_000_000):
            with self.subTest(limit):
                result = self.bounded("run", "small.yaml", *settings, to=limit)
                self.assertIn(result.returncode, (0, 1), result.stderr)
                self.assertEqual((self.folder / "small.h5").exists(), result.returncode == 0)
                (self.folder / "small.h5").unlink(missing_ok=True)

    def test_a_scenario_without_end(self):
        self.assert_refused(self.bounded("check", "/dev/zero"), "/dev/zero: has over 64 MiB; no scenario has")

    def test_many_keys(self):
        self.write("keys.yaml", "".join(f"k{k}: 1\n" for k in range(100_000)))
        self.assert_refused(self.gossamer("check", "keys.yaml", timeout=10), "keys.yaml:1:1: unknown key 'k0'")

    def test_rows_without_end(self):
        self.assert_refused(self.gossamer("check", "small.yaml", "--set", "record.every=1 ns", "--set", "stop.simulated_time=1 h"),
                            "--set record.every=1 ns: every: makes 3600000000000 rows; up to 10000000 are allowed")

    def test_absurd_headers(self):
        self.assert_refused(self.gossamer("check", "small.yaml", "--set", "network.header=1000 GB"),
                            r"--set network.header=1000 GB: header: '1000 GB' is not allowed; .*: 0 to 1073741824 B")


if __name__ == "__main__":
    unittest.main()
