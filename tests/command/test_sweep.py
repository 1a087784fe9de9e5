"""Sweeps as their users run them: what they leave, what they keep, and what becomes of them when they are disturbed."""

import csv
import os
import random
import resource
import signal
import subprocess
import time
import unittest

import h5py
from test_command import GOSSAMER, SMALL, CommandTest

SWEEP = """\
sweep:
  algorithm: {D-PSGD: {kind: dgd, step_size: 0.1}, DADAM: {kind: dadam, step_size: 0.1}}
  network.bandwidth: [1 Mbit/s, 10 Mbit/s]
  seed: [1, 2]
  exclude: [{algorithm: DADAM, seed: 2}]
"""
# 200 runs, of 5 ms each or so.
MANY = """\
topology: {kind: ring, nodes: 8}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
problem: {kind: logistic, dataset: synthetic, partition: iid, batch_size: 32}
algorithm: {kind: dgd, step_size: 0.1}
stop: {iterations: 300}
record: {every: 100}
sweep:
  seed: [%s]
  network.latency: [1 ms, 2 ms, 3 ms, 4 ms]
""" % ", ".join(map(str, range(50)))


class SweepTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SMALL + SWEEP)

    def sweep(self, *arguments, scenario="sweep.yaml", **options):
        return self.gossamer("sweep", scenario, "--quiet", *arguments, **options)

    def contents(self, folder):
        """Of all files but the lock."""
        return {path.name: path.read_bytes() for path in (self.folder / folder).iterdir() if path.name != ".lock"}

    def index(self, folder="sweep"):
        with open(self.folder / folder / "index.csv", newline="") as file:
            return list(csv.DictReader(file))


class Results(SweepTest):
    def test_a_trace_for_each_run_and_an_index(self):
        said = self.assert_done(self.gossamer("sweep", "sweep.yaml"))
        self.assertRegex(said, r"\Asweep/index.csv: 6 done \(0 diverged\), 0 failed, 0 there before; 6 traces; .* s\n\Z")
        rows = self.index()
        self.assertEqual(
            [(row["algorithm"], row["network.bandwidth"], row["seed"]) for row in rows],
            [("D-PSGD", "1 Mbit/s", "1"), ("D-PSGD", "1 Mbit/s", "2"), ("D-PSGD", "10 Mbit/s", "1"),
             ("D-PSGD", "10 Mbit/s", "2"), ("DADAM", "1 Mbit/s", "1"), ("DADAM", "10 Mbit/s", "1")])
        self.assertEqual(list(rows[0])[:5], ["trace", "status", "algorithm", "network.bandwidth", "seed"])
        self.assertEqual(rows[0]["trace"], "algorithm=D-PSGD,bandwidth=1_Mbit_s,seed=1.h5")
        self.assertEqual((rows[0]["status"], rows[0]["algorithm.kind"], rows[0]["algorithm.beta1"]), ("complete", "dgd", ""))
        self.assertEqual((rows[4]["algorithm.kind"], rows[4]["problem.targets"]), ("dadam", "[[0, 3], [1, 0], [5, 0]]"))
        for row in rows:
            with h5py.File(self.folder / "sweep" / row["trace"]) as trace:
                self.assertEqual(row["loss"], repr(float(trace["metrics/loss"][-1])))
                self.assertEqual(float(row["time"]), trace["metrics/time"][-1])
                self.assertEqual(trace.attrs["sweep"], f"{{algorithm: {row['algorithm']}, network.bandwidth: "
                                                       f"{row['network.bandwidth']}, seed: {row['seed']}}}")

    def test_a_run_of_a_sweep_is_the_run_that_set_would_make(self):
        self.assert_done(self.sweep())
        self.assert_done(self.run_small("--set", "name=sweep", "--set", "network.bandwidth=10 Mbit/s", "--set", "seed=2", "--set", "algorithm={kind: dgd, step_size: 0.1}"))
        swept, single = self.whole("sweep/algorithm=D-PSGD,bandwidth=10_Mbit_s,seed=2.h5"), self.whole("small.h5")
        self.assertEqual(swept.pop("@sweep"), "{algorithm: D-PSGD, network.bandwidth: 10 Mbit/s, seed: 2}")
        self.assertEqual(swept, single)

    def whole(self, trace):
        """Every attribute, and the bytes of every array."""
        found = {}

        def visit(name, item):
            found.update({f"{name}@{key}": str(value) for key, value in item.attrs.items()})
            if isinstance(item, h5py.Dataset):
                found[name] = item[()].tobytes()

        with h5py.File(self.folder / trace) as file:
            visit("", file)
            file.visititems(visit)
        return found

    def test_jobs_change_nothing(self):
        self.assert_done(self.sweep("-o", "one", "--jobs", "1"))
        self.assert_done(self.sweep("-o", "four", "--jobs", "4"))
        self.assertEqual(self.contents("one"), self.contents("four"))

    def test_a_failed_run_does_not_stop_the_others(self):
        self.write("sweep.yaml", SMALL + "sweep: {compute.factors: [[1, 1], [1, 1, 1], [1, 2, 3]]}\n")
        planned = self.assert_done(self.gossamer("sweep", "sweep.yaml", "--dry-run"))
        self.assertRegex(planned, r"\A +will fail  sweep/factors=_1__1_.h5: sweep.yaml:8:27: compute.factors has 2 entries")
        done = self.sweep()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Asweep/factors=_1__1_.h5: failed: sweep.yaml:8:27: compute.factors has 2 "
                                      r"entries; [^\n]+\n\Z")
        rows = [(row["trace"], row["status"], row["compute.factors"], bool(row["loss"])) for row in self.index()]
        self.assertEqual(rows, [("factors=_1__1_.h5", "failed", "[1, 1]", False), ("factors=_1__1__1_.h5", "complete", "[1, 1, 1]", True),
                                ("factors=_1__2__3_.h5", "complete", "[1, 2, 3]", True)])
        # With nothing but failures left it says the same again, and makes the index anew.
        (self.folder / "sweep" / "index.csv").unlink()
        again = self.sweep()
        self.assertEqual((again.returncode, again.stderr), (1, done.stderr))
        self.assertEqual(len(self.index()), 3)

    def test_a_diverged_run_is_a_result(self):
        self.write("sweep.yaml", SMALL.replace("iterations: 10", "iterations: 3000")
                   + "sweep: {algorithm.step_size: [0.1, 9]}\n")
        self.assert_done(self.sweep())
        self.assertEqual([row["status"] for row in self.index()], ["complete", "diverged"])
        self.assertIn("0 done (0 diverged), 0 failed, 2 there before", self.gossamer("sweep", "sweep.yaml").stdout)

    def test_dry_run(self):
        said = self.assert_done(self.gossamer("sweep", "sweep.yaml", "--dry-run"))
        self.assertEqual(len(said.splitlines()), 7)
        self.assertRegex(said, r"(?m)^ +[\d.e-]+ s  sweep/algorithm=DADAM,bandwidth=1_Mbit_s,seed=1.h5$")
        self.assertRegex(said, r"\n6 runs, 0 of them there already; about .* s of CPU time, .* s with \d+ at a time\n\Z")
        self.assertEqual(self.files(), ["small.yaml", "sweep.yaml"])
        self.assert_done(self.sweep())
        said = self.assert_done(self.gossamer("sweep", "sweep.yaml", "--dry-run"))
        self.assertRegex(said, r"\A6 runs, 6 of them there already")

    def test_a_new_key_to_vary(self):
        said = self.assert_done(self.gossamer("check", "sweep.yaml", "--set", "sweep.compute.gradient=[1 ms, 2 ms]"))
        self.assertRegex(said, r"\Asweep.yaml: ok: a sweep of 12 runs; ")
        self.assert_refused(self.gossamer("check", "sweep.yaml", "--set", "sweep.compute.gradeint=[1 ms, 2 ms]"),
                            r"--set sweep.compute.gradeint=\[1 ms, 2 ms\]: unknown key 'gradeint' in compute time; ")

    def test_check_reads_every_run(self):
        said = self.assert_done(self.gossamer("check", "sweep.yaml"))
        self.assertRegex(said, r"\Asweep.yaml: ok: a sweep of 6 runs; the largest needs about \d+ MB\n\Z")
        self.assert_refused(self.gossamer("check", "sweep.yaml", "--set", "sweep.seed=[1, 2, -2]"),
                            r"--set sweep.seed=\[1, 2, -2\]: seed: '-2' is not allowed")


class Resuming(SweepTest):
    def times(self, folder="sweep"):
        return {path.name: path.stat().st_mtime_ns for path in (self.folder / folder).glob("*.h5")}

    def changed(self, before):
        return sorted(name for name, at in self.times().items() if before.get(name) != at)

    def test_what_is_there_is_kept(self):
        self.assert_done(self.sweep())
        whole, before = self.contents("sweep"), self.times()
        removed = "algorithm=D-PSGD,bandwidth=1_Mbit_s,seed=2.h5"
        (self.folder / "sweep" / removed).unlink()
        (self.folder / "sweep" / "index.csv").unlink()
        self.assert_done(self.sweep())
        self.assertEqual(self.changed(before), [removed])
        self.assertEqual(self.contents("sweep"), whole)

    def test_more_values_make_more_runs_only(self):
        self.assert_done(self.sweep())
        before = self.times()
        self.assert_done(self.sweep("--set", "sweep.network.bandwidth=[1 Mbit/s, 5 Mbit/s, 10 Mbit/s]"))
        self.assertEqual(len(self.changed(before)), 3)
        self.assertTrue(all("5_Mbit_s" in name for name in self.changed(before)))

    def test_another_scenario_runs_again(self):
        self.assert_done(self.sweep())
        before = self.times()
        self.assert_done(self.sweep("--set", "stop.iterations=11"))
        self.assertEqual(len(self.changed(before)), 6)

    def test_what_did_not_come_to_its_end_runs_again(self):
        self.assert_done(self.sweep())
        whole, before = self.contents("sweep"), self.times()
        names = sorted(before)[:3]
        for name, status in zip(names, ("partial", "failed", "unheard of")):
            self.change(f"sweep/{name}", lambda trace: trace.attrs.modify("status", status))
        (self.folder / "sweep" / names[2]).write_bytes(b"")
        self.assert_done(self.sweep())
        self.assertEqual(self.contents("sweep"), whole)


class Disturbed(SweepTest):
    def setUp(self):
        super().setUp()
        self.write("many.yaml", MANY)

    def start(self, folder):
        return subprocess.Popen([GOSSAMER, "sweep", "many.yaml", "--quiet", "-o", folder], cwd=self.folder)

    def test_killed_five_times(self):
        self.assert_done(self.sweep("-o", "whole", scenario="many.yaml"))
        chance = random.Random(1)
        traces = 0
        for _ in range(5):
            process = self.start("killed")
            aim = traces + chance.randrange(1, 35)
            while traces < aim and process.poll() is None:
                traces = len(list((self.folder / "killed").glob("*.h5")))
                time.sleep(chance.random() / 200)
            self.assertIsNone(process.poll(), "the sweep was over before it was killed")
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertLess(traces, 200)
        self.assert_done(self.sweep("-o", "killed", scenario="many.yaml"))
        self.assertEqual(len(self.index("killed")), 200)
        self.assertEqual(self.contents("killed"), self.contents("whole"))

    def test_two_on_one_folder_share_the_work(self):
        self.assert_done(self.sweep("-o", "whole", scenario="many.yaml"))
        processes = [self.start("shared") for _ in range(2)]
        self.assertEqual([process.wait() for process in processes], [0, 0])
        self.assertEqual(self.contents("shared"), self.contents("whole"))

    def test_two_different_sweeps_on_one_folder(self):
        self.write("other.yaml", SMALL + SWEEP)
        process = self.start("shared")
        self.assert_done(self.sweep("-o", "shared", scenario="other.yaml"))
        self.assertEqual(process.wait(), 0)
        self.assertEqual(len(self.index("shared")), 206)

    def test_a_full_disk(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        self.assert_refused(self.sweep(preexec_fn=limit), r"sweep/algorithm=\S+\.h5: cannot be written: File too large", 1)
        self.assertEqual(self.contents("sweep"), {})
        self.assert_done(self.sweep())
        self.assertEqual(len(self.index()), 6)

    def test_a_full_disk_for_the_index(self):
        self.assert_done(self.sweep())
        whole = self.contents("sweep")
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
        self.assert_refused(self.sweep(preexec_fn=limit), "sweep/index.csv: cannot be written: File too large", 1)
        self.assertEqual(self.contents("sweep"), whole)


class BadInput(SweepTest):
    def assert_sweep_refused(self, pattern, *arguments):
        before = self.files()
        self.assert_refused(self.sweep(*arguments), pattern)
        self.assertEqual(self.files(), before)

    def assert_plan_refused(self, pattern, *arguments):
        self.assert_sweep_refused(pattern, *arguments)
        self.assert_refused(self.gossamer("check", "sweep.yaml", *arguments), pattern)

    def test_every_run_is_read_before_the_first(self):
        self.write("sweep.yaml", SMALL + "sweep: {algorithm.step_size: [0.1, 0.2, much]}\n")
        self.assert_plan_refused("sweep.yaml:8:41: step_size: 'much' is not allowed; it takes a number")

    def test_what_no_run_can_have(self):
        self.assert_sweep_refused(r"--set compute.factors=\[2\]: compute.factors has 1 entry", "--set", "compute.factors=[2]")
        missing = "--set problem={kind: logistic, dataset: missing}"
        self.assert_sweep_refused(f"{missing}: data set 'missing' not found", *missing.split(" ", 1))
        self.assert_sweep_refused("--data nowhere: there is no such directory", "--data", "nowhere")
        self.assert_sweep_refused("--output '': it takes the path of a folder", "-o", "")
        self.assert_sweep_refused("gossamer: --jobs: Value 0 not in range", "--jobs", "0")
        self.assert_sweep_refused("gossamer: --launcher: pbs not in {local,slurm,task}", "--launcher", "pbs")

    def test_what_the_sweep_sets_itself(self):
        self.assert_plan_refused("--set seed=7: has no effect, as the sweep sets seed; --set 'sweep.seed=", "--set", "seed=7")
        self.assert_plan_refused("--set algorithm.step_size=1: has no effect, as the sweep sets algorithm; ", "--set",
                                 "algorithm.step_size=1")

    def test_a_run_that_would_be_made_twice(self):
        self.write("sweep.yaml", SMALL + "sweep: {network.bandwidth: [1 Mbit/s, 1000 kbit/s]}\n")
        self.assert_plan_refused("sweep.yaml:8:8: sweep: bandwidth=1_Mbit_s and bandwidth=1000_kbit_s are the same run; ")

    def test_a_scenario_without_a_sweep(self):
        self.assert_refused(self.sweep(scenario="small.yaml"), "small.yaml:1:1: missing section 'sweep'")

    def test_run_takes_no_sweep(self):
        self.assert_refused(self.gossamer("run", "sweep.yaml"), "sweep.yaml:8:1: sweep: these are many runs")
        self.assert_done(self.gossamer("run", "sweep.yaml", "--set", "sweep=~", "--quiet"))

    def test_what_stands_in_the_way(self):
        self.assert_sweep_refused("sweep.yaml/x: cannot be made: Not a directory", "-o", "sweep.yaml/x")
        name = "sweep/algorithm=DADAM,bandwidth=1_Mbit_s,seed=1.h5"
        self.write(name, "my notes")
        self.assert_sweep_refused(f"{name}: cannot be written: it is there already, and not a trace")
        self.assertEqual(self.contents("sweep"), {name.partition("/")[2]: b"my notes"})

    def test_somebody_elses_index(self):
        self.write("sweep/index.csv", "my own table\n")
        self.assert_sweep_refused("sweep/index.csv: cannot be written: it is there already, and not a sweep's index")
        self.assertEqual(self.contents("sweep"), {"index.csv": b"my own table\n"})

    def test_a_folder_without_permission(self):
        (self.folder / "locked").mkdir(mode=0o555)
        self.assert_refused(self.sweep("-o", "locked", bound=True), "locked/.lock: cannot be written: Permission denied")
        self.assertEqual(self.contents("locked"), {})

    def test_no_slurm_here(self):
        self.assert_refused(self.sweep("--launcher", "slurm", env={**os.environ, "PATH": "/nowhere"}),
                            "--launcher slurm: there is no command sbatch here")


if __name__ == "__main__":
    unittest.main()
