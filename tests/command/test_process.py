"""Models in other processes: what they may do, and what Gossamer says where they do not do what they should."""

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
from pathlib import Path

import h5py
import numpy as np
from test_command import GOSSAMER, SOURCE, CommandTest

sys.path.append(str(SOURCE / "algorithms/problems/process"))

import gossamer_model

PYTHON = "/usr/bin/python3"
SCENARIO = """\
topology: {kind: ring, nodes: 3}
compute: {gradient: 1 ms}
problem: {kind: process, command: [%s], partition: iid, batch_size: 2%s}
algorithm: {kind: dgd, step_size: 0.1}
stop: {iterations: 5}
"""
# In NumPy: least squares with a state that counts gradients, and draws in training. It notes every start.
MODEL = """\
import sys
import numpy as np
from gossamer_model import serve
open("starts", "a").write("x")
print("this goes nowhere")
class Model:
    dimension, train_labels, test_rows, state = 3, np.arange(60) % 4, 20, np.zeros(2)
    def __init__(self, options):
        self.scale = options.get("scale", 1.0)
        self.rows = {"train": np.random.default_rng(1).standard_normal((60, 3)), "test": np.ones((20, 3))}
    def initial_point(self, seed):
        return np.random.default_rng(seed).standard_normal(3)
    def gradient(self, x, rows, call):
        a = self.rows[call.part][rows]
        noise = np.random.default_rng(call.seed).standard_normal(3) if call.training else 0
        return self.scale * a.T @ (a @ x - 1) / len(rows) + 0.01 * noise + call.state.sum() * 1e-3, call.state + 1
    def evaluate(self, x, rows, call):
        errors = self.rows[call.part][rows] @ x - 1
        return self.scale * (errors**2).sum() / 2, np.count_nonzero(np.abs(errors) < 0.1)
serve(Model)
"""


class ProcessTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("model.py", MODEL)
        self.scenario([PYTHON, "model.py"])

    def scenario(self, command, more=""):
        self.write("process.yaml", SCENARIO % (", ".join(map(str, command)), more))

    def run_process(self, *arguments, **options):
        return self.gossamer("run", "process.yaml", "--quiet", *arguments, **options)

    def starts(self):
        path = self.folder / "starts"
        return len(path.read_text()) if path.exists() else 0

    def column(self, trace, name):
        with h5py.File(self.folder / trace) as file:
            return file["metrics"][name][:]


class Works(ProcessTest):
    def test_a_run(self):
        self.assertEqual(self.assert_done(self.run_process("--threads", "1")), "")
        self.assertEqual(self.starts(), 1)
        loss = self.column("process.h5", "loss")
        self.assertLess(loss[-1], loss[0])
        self.assertEqual(len(self.column("process.h5", "test_accuracy")), 6)

    def test_it_says_what_it_starts(self):
        done = self.gossamer("run", "process.yaml")
        self.assertIn(f"starts {PYTHON} model.py\n", self.assert_done(done))

    def test_check_starts_nothing(self):
        said = self.assert_done(self.gossamer("check", "process.yaml"))
        self.assertIn("process.yaml: ok: dgd on process ring, 3 nodes", said)
        self.assertEqual(self.starts(), 0)

    def test_metrics_that_no_problem_can_have_are_refused_before_the_program_starts(self):
        for command in ("check", "run"):
            done = self.gossamer(command, "process.yaml", "--set", "record.metrics=[loss, sparsity]")
            self.assertEqual(done.returncode, 2)
            self.assertIn("the run has no sparsity; there are: ", done.stderr)
        self.assertEqual(self.starts(), 0)

    def test_threads_change_nothing(self):
        for threads in (1, 2, 4):
            self.assert_done(self.run_process("--threads", str(threads), "-o", f"{threads}.h5"))
        traces = [(self.folder / f"{threads}.h5").read_bytes() for threads in (1, 2, 4)]
        self.assertEqual(traces[0], traces[1])
        self.assertEqual(traces[0], traces[2])

    def test_a_sweep_starts_one_process_for_each_job(self):
        steps = "sweep: {algorithm.step_size: [0.1, 0.2, 0.3, 0.05, 0.01]}\n"
        self.write("sweep.yaml", (self.folder / "process.yaml").read_text() + steps)
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "--jobs", "1"))
        self.assertEqual(self.starts(), 1)
        self.assert_done(self.run_process("--set", "algorithm.step_size=0.2"))
        np.testing.assert_array_equal(self.column("process.h5", "loss"), self.column("sweep/step_size=0.2.h5", "loss"))

    def test_layers(self):
        arguments = ["--set", "topology={kind: star, nodes: 3}"]
        arguments += ["--set", "algorithm={kind: cd_adam, step_size: 0.1, compressor: scaled_sign, per_layer: true}"]
        self.assert_refused(self.run_process(*arguments), ".*per_layer: x has no layers here; the models of ")
        self.write("model.py", MODEL.replace("    def initial_point", "        self.layers = [1, 2]\n    def initial_point"))
        self.assert_done(self.run_process(*arguments))
        self.assertEqual(self.column("process.h5", "bits")[-1], 5 * 6 * (2 * 32 + 3))
        self.write("model.py", MODEL.replace("    def initial_point", "        self.layers = [1, 1]\n    def initial_point"))
        done = self.run_process(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ValueError: the layers have 2 coordinates together; the dimension is 3", done.stderr)
        for command in ("check", "run"):
            done = self.gossamer(command, "process.yaml", "--set", "algorithm.per_layer=true")
            self.assert_refused(done, "--set algorithm.per_layer=true: unknown key 'per_layer' in algorithm; there are: ")

    def test_scores(self):
        scored = MODEL.replace("    def initial_point", '        self.scores = {"far": "lower", "near": "higher"}\n    def initial_point')
        scored = scored.replace("    def __init__", "    classifies = False\n    def __init__")
        scored = scored.replace("np.count_nonzero(np.abs(errors) < 0.1)", 'None, {"near": sum(errors**2 < 1), "far": errors @ errors}')
        self.write("model.py", scored)
        self.assert_done(self.run_process())
        with h5py.File(self.folder / "process.h5") as file:
            metrics = file["metrics"]
            self.assertEqual([metrics["test_near"].attrs["better"], metrics["train_far"].attrs["better"]], ["higher", "lower"])
            np.testing.assert_allclose(metrics["train_far"][:], 2 * metrics["loss"][:], rtol=1e-12)
            np.testing.assert_allclose(metrics["test_far"][:], 2 * metrics["test_loss"][:], rtol=1e-12)
            self.assertTrue(((metrics["test_near"][:] >= 0) & (metrics["test_near"][:] <= 1)).all())
        self.assert_done(self.run_process("--set", "record.metrics=[test_near]", "--set", "stop={target: {train_far: 1e9}}"))
        self.assertEqual(len(self.column("process.h5", "test_near")), 1)  # Reached at the start.
        self.assertTrue(np.isnan(self.column("process.h5", "test_far")).all())
        self.assert_refused(self.run_process("--set", "record.metrics=[test_nera]"), ".*: the run has no test_nera; there are: .*test_near")
        self.assert_refused(self.run_process("--set", "record.metrics=[nera]"), ".*: unknown metric 'nera'")
        self.write("sweep.yaml", (self.folder / "process.yaml").read_text() + "sweep: {seed: [1, 2]}\n")
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "--jobs", "1"))
        self.assertIn("test_near", (self.folder / "sweep/index.csv").read_text().splitlines()[0].split(","))
        self.write("model.py", scored.replace('"near": sum', '"nera": sum'))
        done = self.run_process()
        self.assertEqual(done.returncode, 1)
        self.assertIn("evaluate gives the scores ['nera', 'far']; the model has ['far', 'near']", done.stderr)

    def test_many_nodes_need_few_processes(self):
        self.assert_done(self.run_process("--threads", "2", "--set", "topology.nodes=50", "--set", "problem.batch_size=1"))
        self.assertLessEqual(self.starts(), 2)

    def test_options_and_folder(self):
        os.mkdir(self.folder / "elsewhere")
        options = ["--set", "problem.options={scale: 2.5, name: a \"b\" \\, deep: {list: [1, yes, ~]}}"]
        done = subprocess.run([GOSSAMER, "run", "../process.yaml", "--quiet", *options], cwd=self.folder / "elsewhere",
                              capture_output=True, text=True, timeout=60)
        self.assert_done(done)
        self.assert_done(self.run_process(*options, "-o", "here.h5"))
        self.assertEqual((self.folder / "elsewhere/process.h5").read_bytes(), (self.folder / "here.h5").read_bytes())

    def test_gradients_in_their_place_and_copied_there(self):
        still = SOURCE / "tests/benchmarks/still_model.py"
        traces = []
        for in_place in ("true", "false"):
            self.scenario([PYTHON, still], f", options: {{dimension: 3, in_place: {in_place}}}")
            self.assert_done(self.run_process("--set", "record.parameters=final"))
            with h5py.File(self.folder / "process.h5") as trace:
                traces.append(trace["parameters/final"][:])
        np.testing.assert_allclose(traces[0], 1 - 5 * 0.1)
        np.testing.assert_array_equal(traces[0], traces[1])

    def test_the_model_s_file_is_part_of_what_a_run_is(self):
        before = self.gossamer("identity", "process.yaml").stdout
        self.write("model.py", MODEL + "# changed\n")
        self.assertNotEqual(self.gossamer("identity", "process.yaml").stdout, before)

    def test_a_trace_makes_its_run_again(self):
        self.assert_done(self.run_process())
        self.assert_done(self.gossamer("run", "process.h5", "--quiet", "-o", "again.h5"))
        self.assertEqual((self.folder / "process.h5").read_bytes(), (self.folder / "again.h5").read_bytes())
        self.write("model.py", MODEL + "# changed\n")
        again = self.gossamer("run", "process.h5", "--quiet", "-o", "third.h5")
        self.assert_refused(again, r"process\.h5: was made with other files")

    def test_holdout_float64_and_all_checks(self):
        self.write("model.py", MODEL.replace("test_rows, state = 3, np.arange(60) % 4, 20,", "state = 3, np.arange(60) % 4,"))
        self.scenario([PYTHON, "model.py"], ", holdout: 12, precision: float64, verify_gradients: 1, evaluation_rows: 7")
        self.assert_done(self.run_process())
        self.assertLess(self.column("process.h5", "test_loss")[-1], self.column("process.h5", "test_loss")[0])

    def test_more_rows_than_there_are(self):
        for key in ("validation", "measured_rows"):
            done = self.run_process("--set", f"problem.{key}=61")
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, rf"^--set problem\.{key}=61: {key}: .*60")

    def test_answers_of_a_model_without_state_are_compared(self):
        model = MODEL.replace("test_rows, state = 3, np.arange(60) % 4, 20, np.zeros(2)", "test_rows = 3, np.arange(60) % 4, 20")
        model = model.replace(" + call.state.sum() * 1e-3, call.state + 1", "")
        self.write("model.py", model)
        self.scenario([PYTHON, "model.py"], ", verify_gradients: 1")
        self.assert_done(self.run_process())

    def test_states_are_the_nodes_own_and_are_evaluated_in_the_mean(self):
        """Each gradient adds the number of its rows to the state, which is the loss. Nodes have 9 or 8 rows, 60 / 7 in the mean."""
        model = MODEL.replace("call.state + 1", "call.state + len(rows)").replace("(errors**2).sum() / 2", "call.state[0] * len(rows)")
        self.write("model.py", model)
        self.scenario([PYTHON, "model.py"])
        changes = {"topology.nodes": 7, "problem.batch_size": "full", "record.metrics": "[loss, node_loss]"}
        self.assert_done(self.run_process(*(f"--set={key}={value}" for key, value in changes.items())))
        t = np.arange(6)
        np.testing.assert_allclose(self.column("process.h5", "loss"), 60 / 7 * t, rtol=1e-6)
        with h5py.File(self.folder / "process.h5") as file:
            np.testing.assert_allclose(file["nodes/loss"][:], np.outer(t, [9, 9, 9, 9, 8, 8, 8]), rtol=1e-6)

    def test_differences(self):
        self.write("model.py", MODEL.replace("+ call.state.sum() * 1e-3", ""))
        for precision in ("float32", "float64"):
            self.scenario([PYTHON, "model.py"], f", precision: {precision}, differences: 5")
            self.assert_done(self.run_process())

    def test_differences_find_small_mistakes_and_forgive_kinks(self):
        """In float64. With kinks the loss adds max(0, s), whose s are zero next to the start, on both sides of it."""
        kinks = ("""\
    def kinks(self, x):
        a = np.random.default_rng(2).standard_normal((2000, 3))
        return a, a @ (x - np.random.default_rng(self.seed).standard_normal(3)) + np.linspace(-1e-3, 1e-3, 2000)
    def initial_point(self, seed):
        self.seed = seed
""")
        model = MODEL.replace("+ call.state.sum() * 1e-3", "")
        with_kinks = model.replace("    def initial_point(self, seed):\n", kinks)
        with_kinks = with_kinks.replace("+ 0.01 * noise", "+ 0.01 * noise + self.kinks(x)[0].T @ (self.kinks(x)[1] > 0) / 2000")
        with_kinks = with_kinks.replace("(errors**2).sum() / 2", "(errors**2).sum() / 2 + len(rows) * np.maximum(0, self.kinks(x)[1]).mean()")
        for text in (model, with_kinks):
            for factor, right in (("", True), ("1.01 * ", False), ("-1 * ", False), ("len(rows) * ", False)):
                self.write("model.py", text.replace("return self.scale * a.T", f"return {factor}self.scale * a.T"))
                for seed in range(1, 4):
                    self.scenario([PYTHON, "model.py"], ", precision: float64, differences: 5")
                    done = self.run_process("--threads", "1", "--set", f"seed={seed}")
                    if right:
                        self.assert_done(done)
                    else:
                        self.assert_refused(done, f".*{PYTHON} model.py: its gradient is not that of its loss: ", code=1)


class BadInput(ProcessTest):
    def test_mistakes_in_the_scenario(self):
        for more, pattern in [
            (", x0: [1, 2]", r"process\.yaml:3:\d+: x0 has 2 coordinates; the problem has 3"),
            (", holdout: 5", r"process\.yaml:3:\d+: the model has a test part"),
            (", timeout: 0 s", r"process\.yaml:3:\d+: timeout: '0 s' is not allowed; it takes a time .*: 1 ns to 2562047 h"),
            (", options: [1]", r"process\.yaml:3:\d+: options: a list is not allowed; it takes a map"),
            (", precision: float16", r"process\.yaml:3:\d+: precision: 'float16' is not allowed"),
        ]:
            with self.subTest(more):
                self.scenario([PYTHON, "model.py"], more)
                self.assert_refused(self.run_process(), pattern)
        for command, what in ((["no-such-program"], "there is no program 'no-such-program'; "), (["./none"], "there is no program"),
                              (["./model.py"], r"'\./model\.py' may not be executed; "), (["/tmp"], "'/tmp' is a folder; "),
                              (["''"], ""), ([], "")):
            with self.subTest(command):
                self.scenario(command)
                for said in (self.gossamer("run", "process.yaml"), self.gossamer("check", "process.yaml")):
                    self.assert_refused(said, rf"process\.yaml:3:\d+: command: {what}")
                    self.assertEqual(said.stdout, "")  # Nor does it say that it starts something.
        self.scenario([PYTHON, "model.py"], ", timeout: 0 s")
        self.assert_refused(self.gossamer("check", "process.yaml"), r"process\.yaml:3:\d+: timeout: ")
        self.write("process.yaml", SCENARIO.replace("process, command: [%s]", "logistic, dataset: synthetic, x0: model") % "")
        self.assert_refused(self.run_process(), r"process\.yaml:3:\d+: x0: only a process has a model's own")


BAD = {
    "dies at the start": "it ended, with exit code 1; its last words: no data here",
    "is killed at the start": r"it was killed by signal 9 \(Killed\)",
    "never answers": "it has not answered for 500 ms",
    "hangs up": "it has closed its channel",
    "talks without end": "it has not answered for 500 ms; its last words: (la)+",
    "leaves a child": "it ended, with exit code 5",
    "sends garbage": "it sends a message of the unknown kind 4294967295",
    "announces too much": "it announces a message of 4294967295 bytes; up to 1073741824",
    "breaks off": "it has not answered for 500 ms",
    "answers twice": "it sends more than one reply to a call",
    "answers with another kind": "it answers with a message of kind 4; it should be of kind 1",
    "has another version": "it speaks version 7 of the protocol; this is version 1",
    "has no dimension": "it gives 0 as its dimension; 1 to 2147483647 are allowed",
    "has a negative state": "it gives -1 as the length of its state",
    "has too few labels": "it sends 8 bytes of labels; 6 training rows have 24",
    "has labels and says not": "its message is 24 bytes longer than it should be",
    "has unknown flags": "it sets unknown flags, 0x40",
    "has layers of another model": "its layers have 3 coordinates together; its dimension is 2",
    "has countless layers": "it gives 2147483648 as its number of layers; 1 to 2147483647 are allowed",
    "has too many rows": "it gives 1099511627776 as its number of training rows",
    "is short": "its message ends before ",
    "is two models": "two processes of this command give different rows, labels or dimensions",
    "starts at NaN": "its initial point is not finite",
    "has a loss of NaN": "at its initial point the loss or its gradient is not finite",
    "leaves the initial point": "it answers, but did not write coordinate 0 of its initial point",
    "leaves the result": "it answers, but did not write coordinate 0 of its gradient",
    "writes half of the result": "it answers, but did not write coordinate 1 of its gradient",
    "leaves the state": "it answers, but did not write coordinate 0 of its state",
    "is right too often": "it says that 7 of 6 rows are classified right",
    "has another gradient": "its gradient is not that of its loss",
    "draws by itself": r"its answers to the same gradient call differ \(coordinate 0 is",
    "has a state that drifts": r"its answers to the same gradient call differ \(the state after it differs\)",
    "dies in a gradient": "it ended, with exit code 9; its last words: no more",
    "hangs in a gradient": "it has not answered for 3 s",
    "crashes in a gradient": r"it was killed by signal 11 \(Segmentation fault\)",
    "says what is wrong": "it says: no GPU at all",
    "fails without a word": "it says that it failed, and not why",
    "answers a gradient with more": "its message is 4 bytes longer than it should be",
}


class Bad(ProcessTest):
    """One line, exit code 1, no process left."""

    def assert_no_orphans(self):
        for pid in map(int, (self.folder / "pids").read_text().split()):
            for _ in range(100):
                state = Path(f"/proc/{pid}/stat")
                if not state.exists() or state.read_text().split()[2] == "Z":  # Of a zombie someone else takes care.
                    break
                time.sleep(0.05)
            else:
                self.fail(f"{pid} is an orphan")

    def test_kinds_of_misbehaviour(self):
        bad_model = Path(__file__).with_name("bad_model.py")
        for kind, pattern in BAD.items():
            with self.subTest(kind):
                more = f", timeout: {pattern.split()[5]} {pattern.split()[6].rstrip(';')}" if "not answered" in pattern else ""
                more += ", verify_gradients: 1" if "differ (" in pattern.replace("\\", "") else ""
                more += ", differences: 3" if kind == "has another gradient" else ""
                self.scenario([PYTHON, bad_model, kind], more)
                done = self.run_process("--threads", "2", timeout=20)
                place = r"(process\.yaml: failed: node \d, at [^:]+: )?"
                self.assert_refused(done, f"{place}{PYTHON} .*{kind}: {pattern}", code=1)
                self.assert_no_orphans()
        self.assertGreater(len(BAD), 20)

    def test_what_a_program_writes_that_is_not_finite_is_a_divergence(self):
        bad_model = Path(__file__).with_name("bad_model.py")
        for kind, what in (("has a gradient of NaN", "the gradient"), ("has a state of NaN", "the model's state after a gradient")):
            self.scenario([PYTHON, bad_model, kind])
            done = self.run_process()
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stderr, rf"\Aprocess\.yaml: diverged: node \d, [^\n]*: {what} is not finite\n\Z")

    def test_a_client_that_raises(self):
        for old, new, pattern in [
            ("noise = np", "raise KeyError('a\\nb'); noise = np", r"it says: KeyError: 'a\\nb' \(model\.py:\d+\)"),
            (", call.state + 1", "", None),
            ("return self.scale * a.T @ (a @ x - 1)", "return np.zeros((1, 3)) + self.scale * a.T @ (a @ x - 1)",
             r"it says: ValueError: the gradient has the shape \(1, 3\); it should be \(3,\)"),
            ("state = 3,", "state = 'three',", "it says: ValueError: dimension: 'three' is not a whole number"),
            ("np.arange(60) % 4", "np.arange(60) / 4", "it says: ValueError: train_labels: 0.25 is not a whole number"),
            ("np.arange(60) % 4", "np.arange(60) + 2**31", "it says: ValueError: train_labels: 2147483648 is not a whole number, or too"),
            (", np.count_nonzero(np.abs(errors) < 0.1)", "", "it says: ValueError: evaluate gives no number of rows that are right"),
            ("np.count_nonzero(np.abs(errors) < 0.1)", "np.mean(np.abs(errors) < 2)",
             r"it says: ValueError: the number of rows that are right: 0\.\d+ is not a whole number"),
            ("def __init__", "classifies = False\n    def __init__",
             "it says: ValueError: evaluate gives a number of rows that are right; `classifies = True` if it is one"),
            ("self.scale = ", "raise EOFError('no rows'); self.scale = ", r"it says: EOFError: no rows \(model\.py:\d+\)"),
            ("serve(Model)", "import no_such_module", "it ended, with exit code 1; its last words: ModuleNotFoundError"),
            ("serve(Model)", "", "it ended, with exit code 0"),
        ]:
            with self.subTest(new):
                self.assertIn(old, MODEL)
                self.write("model.py", MODEL.replace(old, new))
                if pattern is None:
                    self.assert_done(self.run_process())
                else:
                    self.assert_refused(self.run_process(), f".*{PYTHON} model.py: {pattern}", code=1)

    def test_no_orphan_if_gossamer_is_killed(self):
        self.scenario([PYTHON, Path(__file__).with_name("bad_model.py"), "hangs in a gradient"])
        running = subprocess.Popen([GOSSAMER, "run", "process.yaml", "--quiet"], cwd=self.folder)
        time.sleep(1)
        running.send_signal(signal.SIGKILL)
        running.wait()
        self.assert_no_orphans()


class TheClient(unittest.TestCase):
    """Whatever the other side sends: the client answers, or says what is wrong with it."""

    class Model:
        dimension, train_labels, test_rows, state = 3, np.array([0, 1, 0, 1]), 2, np.zeros(2)

        def initial_point(self, seed):
            return np.zeros(3)

        def gradient(self, x, rows, call):
            return x + rows.sum()

        def evaluate(self, x, rows, call):
            return 1.0, 0

    def messages(self, rng):
        def message(kind, body):
            return struct.pack("<II", len(body), kind) + body

        offsets = [0, 64, 128, 192, 256]
        valid = [message(1, struct.pack("<II", 1, 4) + b"{}"), message(2, struct.pack("<7q", 320, *offsets, 4))]
        for _ in range(4):
            kind, part = rng.choice([3, 4, 5]), rng.randrange(2)
            count = rng.randint(1, 2 if part else 4)
            valid.append(message(kind, struct.pack("<QIIq", rng.getrandbits(64), part, rng.randrange(2), count)))
        return valid

    def disturbed(self, rng):
        """Valid messages with a few bytes changed, left out, or added."""
        messages = self.messages(rng)
        for _ in range(rng.randrange(3)):
            k = rng.randrange(len(messages))
            data = bytearray(messages[k])
            place = rng.randrange(len(data))
            change = rng.randrange(4)
            if change == 0:
                data[place] = rng.randrange(256)
            elif change == 1:
                del data[place:place + rng.randint(1, 8)]
            elif change == 2:
                data[place:place] = rng.randbytes(rng.randint(1, 8))
            else:
                data[place:place + 8] = struct.pack("<q", rng.choice([-1, 0, 1 << 62, -1 << 63, 5, 4096]))
            messages[k] = bytes(data)
        return messages

    def serve(self, rng):
        ours, theirs = socket.socketpair()
        memory = os.memfd_create("memory")
        os.ftruncate(memory, 320)
        messages = self.disturbed(rng)
        with ours, theirs:
            theirs.settimeout(0.02)
            ours.sendall(messages.pop(0))
            try:
                channel = gossamer_model.Channel(theirs, memory)
                receive = channel.receive

                def next_message(kinds):
                    """Gossamer sends a message when the one before is answered."""
                    if messages:
                        ours.sendall(messages.pop(0))
                    else:
                        ours.shutdown(socket.SHUT_WR)
                    return receive(kinds)

                channel.receive = next_message
                gossamer_model._serve(channel, self.Model())
            except (gossamer_model.BadMessage, gossamer_model.HungUp, TimeoutError, socket.timeout) as error:
                return type(error)  # A timeout: it waits for the rest of a message.
            finally:
                os.close(memory)

    def test_disturbed_messages(self):
        rng = random.Random(1)
        ends = [self.serve(rng) for _ in range(1000)]
        self.assertGreater(ends.count(gossamer_model.BadMessage), 100)
        self.assertGreater(ends.count(gossamer_model.HungUp), 100)


if __name__ == "__main__":
    unittest.main()
