"""Runs the gossamer command as its users do: what it says, what it exits with, and what it leaves."""

import gzip
import hashlib
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy as np

GOSSAMER = os.environ["GOSSAMER"]
SANITIZED = any(name in Path(GOSSAMER).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
SOURCE = Path(os.environ.get("GOSSAMER_SOURCE_DIR", Path(__file__).resolve().parents[2]))

SMALL = """\
topology: {kind: ring, nodes: 3}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
compute: {gradient: 2 ms}
problem: {kind: quadratic, targets: [[0, 3], [1, 0], [5, 0]]}
algorithm: {kind: dgd, step_size: 0.1, wire: float64}
stop: {iterations: 10}
record: {parameters: final}
"""
LOGISTIC = "{kind: logistic, dataset: synthetic, partition: iid, batch_size: 32}"


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.write("small.yaml", SMALL)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def gossamer(self, *arguments, bound=False, **options):
        """Runs the command; `bound`: by permissions, even as root."""
        as_others = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if bound and os.geteuid() == 0 else []
        return subprocess.run([*as_others, GOSSAMER, *arguments], cwd=self.folder, capture_output=True, text=True,
                              errors="replace", **{"timeout": 60, **options})

    def tool(self, name, *arguments, **options):
        """Runs a tool of analysis/."""
        command = [sys.executable, SOURCE / "analysis" / name, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, **options)

    def change(self, trace, change):
        """Changes a trace as only Gossamer could: with a new seal."""
        path = self.folder / trace
        with h5py.File(path, "r+") as file:
            change(file)
        content = path.read_bytes()
        path.write_bytes(content + b"\ngossamer-seal " + hashlib.sha256(content).hexdigest().encode() + b"\n")

    def run_small(self, *arguments, **options):
        return self.gossamer("run", "small.yaml", "--quiet", *arguments, **options)

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def assert_done(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def assert_refused(self, done, pattern, code=2):
        """One line that says what is wrong, and nothing else."""
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertRegex(done.stderr, r"\A[^\n]+\n\Z")
        self.assertRegex(done.stderr, r"\A" + pattern)


class BadInput(CommandTest):
    """Exit code 2, one line, nothing written."""

    def assert_run_refused(self, pattern, *arguments, scenario=None):
        if scenario is not None:
            self.write("small.yaml", scenario)
        before = self.files()
        self.assert_refused(self.run_small(*arguments), pattern)
        self.assertEqual(self.files(), before)

    def changed(self, old, new):
        self.assertIn(old, SMALL)
        return SMALL.replace(old, new)

    def test_files(self):
        self.assert_refused(self.gossamer("run", "none.yaml"), r"none\.yaml: cannot be read: No such file")
        self.assert_refused(self.gossamer("run", "."), r"\.: cannot be read: Is a directory")
        self.assert_run_refused(r"small\.yaml:1:1: empty", scenario="")
        self.assert_run_refused(r"small\.yaml:1:\d+: not YAML", scenario=b"\x00\xff\xfe: [")
        for name in (b"\xff\xfe", b'"\\N"'):
            self.assert_run_refused(r"small\.yaml:8:7: not UTF-8; ", scenario=SMALL.encode() + b"name: " + name + b"\n")
        huge = re.sub("problem: .*", "problem: {kind: logistic, dataset: synthetic, l2: 1e200, x0: random}", SMALL)
        self.assert_run_refused(r"small\.yaml:4:62: x0: ", scenario=huge)
        self.write("small.yaml", SMALL)

    def test_scenarios(self):
        for old, new, pattern in [
            ("stop: {iterations: 10}", "stop: {iterations: 10", r"small\.yaml:7:\d+: not YAML: "),
            ("iterations: 10", "iterations: ten", r"small\.yaml:6:20: iterations: 'ten' is not allowed; it takes an int"),
            ("latency: 1 ms", "latency: 1", r"small\.yaml:2:20: latency: '1' is not allowed; .*'10 ms'"),
            ("step_size", "stepsize", r"small\.yaml:5:24: unknown key 'stepsize' in algorithm; did you mean 'step_size'\?"),
            ("compute:", "network:", r"small\.yaml:3:1: duplicate key 'network'; it was given on line 2 already"),
            ("stop: {iterations: 10}", "", r"small\.yaml:1:1: missing section 'stop'; "),
            ("record: {", "record: {metrics: [los], ", r"small\.yaml:7:20: unknown metric 'los'; did you mean 'loss'\?"),
            ("[5, 0]]", "[5, 0]], x0: [1]", r"small\.yaml:4:67: x0 has 1 coordinates; the problem has 2"),
            ("compute:", '"a\\nb": 1\ncompute:', r"small\.yaml:3:1: unknown key 'a b' in the scenario; "),
        ]:
            with self.subTest(new):
                self.assert_run_refused(pattern, scenario=self.changed(old, new))

    def test_graphs(self):
        sparse = self.changed("kind: ring, nodes: 3", "kind: erdos_renyi, nodes: 40, p: 0.001")
        self.assert_run_refused(r"small\.yaml:1:1: the graph is not connected: ", scenario=sparse)
        irregular = self.changed("kind: ring", "kind: path") + "mixing: uniform_neighbors\n"
        self.assert_run_refused(r"small\.yaml:8:1: .*degree", scenario=irregular)
        self.write("w.txt", "0.5 0.5 0\n0.5 0.25 0.25\n0 0.25 0.7\n")
        self.assert_run_refused(r"small\.yaml:8:1: mixing matrix: row 2 sums to 0\.95, not to 1",
                                scenario=SMALL + "mixing: {file: w.txt}\n")
        self.write("w.txt", "0.5 0.5 0\n0.5 x 0.25\n0 0.25 0.7\n")
        self.assert_run_refused(r"w\.txt:2:5: ")
        self.write("edges.txt", "0 1\n1 x\n")
        self.assert_run_refused(r"edges\.txt:2:3: ", scenario=self.changed("kind: ring, nodes: 3",
                                                                        "kind: file, path: edges.txt"))

    def test_data(self):
        scenario = re.sub("problem: .*", "problem: {kind: logistic, dataset: mine}", SMALL)
        self.assert_run_refused(r"--data data: there is no such directory", "--data", "data", scenario=scenario)
        (self.folder / "data").mkdir()
        self.assert_run_refused(r"small\.yaml:4:36: data set 'mine' not found; looked for in: \S+/mine, ",
                                "--data", "data", scenario=scenario)
        missing = self.run_small("--set", "problem.dataset=mnist", env={**os.environ, "GOSSAMER_DATA": "", "HOME": ""})
        self.assert_refused(missing, r"--set problem\.dataset=mnist: data set 'mnist' not found; looked for in: .*; \S+")

        self.write("data/mine/mine", "+1 1:0.5\n-1 2:x\n+1 3:1\n")
        self.assert_run_refused(r"data/mine/mine:2: ", "--data", "data")
        self.write("data/mine/mine", "+1 1:0.5 1:0.5\n")
        self.assert_run_refused(r"data/mine/mine:1: ", "--data", "data")
        (self.folder / "data/mine/mine").unlink()

        self.write("data/mine/train-images-idx3-ubyte", b"not an IDX file")
        self.write("data/mine/train-labels-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x02\0\1")
        self.assert_run_refused(r"data/mine/train-images-idx3-ubyte: ", "--data", "data")
        self.write("data/mine/train-images-idx3-ubyte", b"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02" + b"\7" * 7)
        self.assert_run_refused(r"data/mine/train-images-idx3-ubyte: ", "--data", "data")
        (self.folder / "data/mine/train-images-idx3-ubyte").unlink()
        self.write("data/mine/train-images-idx3-ubyte.gz", gzip.compress(b"\0" * 1000)[:20])
        self.assert_run_refused(r"data/mine/train-images-idx3-ubyte\.gz: ", "--data", "data")

    def test_outputs(self):
        os.mkfifo(self.folder / "pipe")
        self.write("notes.txt", "mine")
        for output, pattern in [
            ("no/a.h5", r"no/a\.h5: cannot be written: No such file or directory"),
            ("small.yaml/a.h5", r"small\.yaml/a\.h5: cannot be written: Not a directory"),
            (".", r"\.: cannot be written: it is not a file"),
            ("pipe", r"pipe: cannot be written: it is not a file"),
            ("./small.yaml", r"\./small\.yaml: cannot be written: it is there already, and not a trace"),
            ("notes.txt", r"notes\.txt: cannot be written: it is there already, and not a trace"),
            ("", r"--output '': it takes the path of a file"),
        ]:
            with self.subTest(output):
                self.assert_run_refused(pattern, "-o", output)
        self.assertTrue((self.folder / "pipe").is_fifo())

    def test_read_only_folder(self):
        (self.folder / "read_only").mkdir(mode=0o555)
        self.assert_refused(self.run_small("-o", "read_only/a.h5", bound=True),
                            r"read_only/a\.h5: cannot be written: Permission denied")
        self.assertEqual(list((self.folder / "read_only").iterdir()), [])

    def test_command_line(self):
        for arguments in [[], ["run"], ["run", "small.yaml", "--sed", "1"], ["run", "small.yaml", "--threads", "0"],
                          ["run", "small.yaml", "--threads", "many"], ["check"], ["list", "algorithms", "problems"]]:
            with self.subTest(arguments):
                self.assert_refused(self.gossamer(*arguments), r"gossamer: .*; see gossamer --help")
        self.assert_refused(self.gossamer("list", "algoritms"),
                            r"gossamer list: unknown list 'algoritms'; did you mean 'algorithms'\? there are: ")
        self.assert_run_refused(r"--set seed: not an assignment; ", "--set", "seed")
        self.assert_run_refused(r"--set seed=x: seed: 'x' is not allowed", "--set", "seed=x")

    def test_check_says_what_is_wrong_with_each(self):
        self.write("bad.yaml", "topology: 3\n")
        done = self.gossamer("check", "bad.yaml", "small.yaml", "none.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout, r"\Asmall.yaml: ok: dgd on quadratic ring, 3 nodes, d = 2; needs about \d+ MB\n\Z")
        self.assertRegex(done.stderr, r"\Abad\.yaml:1:11: .*\nnone\.yaml: cannot be read.*\n\Z")
        done = self.gossamer("check", "small.yaml", "--set", "problem={kind: softmax, dataset: synthetic}")
        self.assertRegex(
            self.assert_done(done), r"ok: dgd on softmax ring, 3 nodes, d = 40, 333 to 334 rows a node; needs about \d+ MB\n\Z"
        )


class Traces(CommandTest):
    def test_layout(self):
        output = self.assert_done(self.gossamer("run", "small.yaml"))  # By default small.h5, here.
        self.assertRegex(output, r"\Asmall\.h5: complete, ended by iterations, after 10 iterations in ")
        self.assertEqual(self.files(), ["small.h5", "small.yaml"])

        with h5py.File(self.folder / "small.h5") as trace:
            attributes = dict(trace.attrs)
            self.assertEqual(sorted(attributes), ["ended_by", "fingerprint", "format", "format_version", "git_revision", "identity",
                                                  "inputs", "numerics", "scenario", "seed", "status", "version"])
            self.assertEqual((attributes["format"], attributes["format_version"], attributes["status"], attributes["seed"]),
                             ("gossamer-trace", 2, "complete", 1))
            self.assertEqual(attributes["ended_by"], "iterations")
            self.assertIn(f"gossamer {attributes['version']} ({attributes['git_revision']})",
                          self.gossamer("--version").stdout)
            self.assertRegex(attributes["scenario"], r"\Aname: small\nseed: 1\ntopology:\n  kind: ring\n  nodes: 3\n")

            metrics = {name: column[:] for name, column in trace["metrics"].items()}
            self.assertEqual({column.shape for column in metrics.values()}, {(11,)})
            self.assertEqual(set(metrics), {"iteration", "time", "bits", "bits_per_node", "epoch", "gradients", "loss",
                                            "grad_norm", "suboptimality", "consensus"})
            np.testing.assert_array_equal(metrics["iteration"], range(11))
            np.testing.assert_array_equal(metrics["bits"], 768.0 * np.arange(11))  # 3 x 2 messages of 2 x 64 bits.
            np.testing.assert_allclose(metrics["time"], 0.002 * np.arange(11), rtol=1e-12)

            for name in ["time", "bits", "gradients"]:
                self.assertEqual(trace["nodes"][name].shape, (11, 3))
            np.testing.assert_array_equal(trace["nodes/bits"][:].sum(axis=1), metrics["bits"])
            np.testing.assert_array_equal(trace["nodes/time"][:].max(axis=1), metrics["time"])

            links = {name: column[:] for name, column in trace["links"].items()}
            self.assertEqual(set(links), {"from", "to", "latency", "bandwidth", "messages", "bytes", "busy_time",
                                          "longest_queue"})
            np.testing.assert_array_equal(links["latency"], [0.001] * 6)
            np.testing.assert_array_equal(links["bandwidth"], [1e6] * 6)
            np.testing.assert_array_equal(links["bytes"], [160] * 6)
            np.testing.assert_allclose(links["busy_time"], [160 * 8e-6] * 6)

            np.testing.assert_array_equal(trace["topology/edges"], [[0, 1], [0, 2], [1, 2]])
            mixing = trace["topology/mixing_matrix"]
            w = np.zeros((3, 3))
            for i, (begin, end) in enumerate(zip(mixing["indptr"][:-1], mixing["indptr"][1:])):
                w[i, mixing["indices"][begin:end]] = mixing["data"][begin:end]
            np.testing.assert_allclose(w, np.full((3, 3), 1 / 3), rtol=1e-12)
            self.assertAlmostEqual(mixing.attrs["lambda"], 0)
            self.assertAlmostEqual(mixing.attrs["spectral_gap"], 1)

            x = trace["parameters/final"][:]
            self.assertEqual(x.shape, (3, 2))
            self.assertAlmostEqual(((x - x.mean(axis=0)) ** 2).sum() / 3, metrics["consensus"][-1])
            self.assertAlmostEqual(np.linalg.norm(x.mean(axis=0) - [2, 1]), metrics["grad_norm"][-1])

    def test_a_run_on_graphs_in_turn_follows_from_the_matrices_in_its_trace(self):
        self.assert_done(self.run_small("--set", "topology={kind: random_matchings, nodes: 3, period: 4}", "--set",
                                        "record.vectors=[x]"))
        with h5py.File(self.folder / "small.h5") as trace:
            mixing = trace["topology/mixing_matrix"]
            period, starts = mixing.attrs["period"], mixing["indptr"]
            self.assertEqual((period, len(starts)), (4, 4 * 3 + 1))
            w = np.zeros((period * 3, 3))
            for i, (begin, end) in enumerate(zip(starts[:-1], starts[1:])):
                w[i, mixing["indices"][begin:end]] = mixing["data"][begin:end]
            w = w.reshape(period, 3, 3)
            apart = np.linalg.multi_dot(w[::-1]) - 1 / 3
            self.assertAlmostEqual(mixing.attrs["lambda"], np.abs(np.linalg.eigvals(apart)).max() ** (1 / 4))
            x = np.zeros((3, 2))
            for t in range(10):
                x = w[t % period] @ x - 0.1 * (x - [[0, 3], [1, 0], [5, 0]])
                np.testing.assert_allclose(trace["vectors/x"][t + 1], x, rtol=0, atol=1e-13)
            # A message of two float64 each way for the one pair of every iteration.
            np.testing.assert_array_equal(trace["metrics/bits"], 256.0 * np.arange(11))
        self.assert_done(self.gossamer("run", "small.h5", "--quiet"))
        self.assertEqual((self.folder / "small-again.h5").read_bytes(), (self.folder / "small.h5").read_bytes())

    def test_columns_say_their_unit_and_whether_lower_or_higher_is_better(self):
        meanings = {"iteration": {}, "time": {"unit": "s", "better": "lower"}, "bits": {"unit": "bit", "better": "lower"},
                    "bits_per_node": {"unit": "bit", "better": "lower"}, "epoch": {}, "gradients": {"better": "lower"},
                    "loss": {"better": "lower"}, "grad_norm": {"better": "lower"}, "consensus": {"better": "lower"},
                    "train_accuracy": {"better": "higher"}, "test_loss": {"better": "lower"},
                    "test_accuracy": {"better": "higher"}}
        self.assert_done(self.run_small("--set", "problem=" + LOGISTIC))
        with h5py.File(self.folder / "small.h5") as trace:
            def meaning(column):
                return {key: column.attrs[key] for key in ("unit", "better") if key in column.attrs}
            self.assertEqual({name: meaning(column) for name, column in trace["metrics"].items()}, meanings)
            self.assertEqual({name: meaning(column) for name, column in trace["nodes"].items()},
                             {"time": {"unit": "s"}, "compute_time": {"unit": "s"}, "bits": {"unit": "bit"},
                              "gradients": {}})

    def test_metrics_say_on_how_many_rows_they_are_measured(self):
        self.assertEqual(self.run_small("--set", f"problem={LOGISTIC}").returncode, 0)
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual(dict(trace["metrics"].attrs), {"train_rows": 1000, "test_rows": 200})
        self.assertEqual(self.run_small().returncode, 0)
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual(dict(trace["metrics"].attrs), {})

    def test_the_resolved_scenario_gives_the_same_trace(self):
        self.assert_done(self.run_small("-o", "a.h5"))
        with h5py.File(self.folder / "a.h5") as trace:
            self.write("again.yaml", trace.attrs["scenario"])
        self.assert_done(self.gossamer("run", "again.yaml", "-o", "b.h5"))
        self.assertEqual((self.folder / "a.h5").read_bytes(), (self.folder / "b.h5").read_bytes())

    def test_the_number_of_threads_changes_nothing(self):
        for threads in ["1", "3"]:
            self.assert_done(self.run_small("--set", "problem=" + LOGISTIC, "--threads", threads, "-o", threads))
        self.assertEqual((self.folder / "1").read_bytes(), (self.folder / "3").read_bytes())

    def test_set_changes_the_scenario_that_is_stored(self):
        self.assert_done(self.run_small("--set", "seed=7", "--set", "stop.iterations=4", "-o", "a.h5"))
        with h5py.File(self.folder / "a.h5") as trace:
            self.assertEqual(trace.attrs["seed"], 7)
            self.assertIn("seed: 7\n", trace.attrs["scenario"])
            self.assertEqual(trace["metrics/iteration"][-1], 4)

    def test_scenarios_of_any_length_are_stored(self):
        targets = [[1 / (3 + i + j) for j in range(2000)] for i in range(3)]
        self.write("small.yaml", re.sub("targets: .*", f"targets: {targets}}}", SMALL))
        self.assert_done(self.run_small())
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertGreater(len(trace.attrs["scenario"]), 100_000)

    def test_one_node(self):
        self.assert_done(self.run_small("--set", "topology.nodes=1", "--set", "problem.targets=[[1]]"))
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual(trace["topology/edges"].shape, (0, 2))
            self.assertEqual(trace["links/bytes"].shape, (0,))
            self.assertEqual(trace["metrics/bits"][-1], 0)

    def test_a_run_that_diverges_is_done(self):
        done = self.run_small("--set", "algorithm.step_size=1e200")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertRegex(done.stderr, r"\Asmall\.yaml: diverged: .*\n\Z")
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual(trace.attrs["status"], "diverged")
            self.assertGreater(trace.attrs["diverged_at"], 0)
            self.assertTrue(all(np.isfinite(column).all() for column in trace["metrics"].values()))
        loud = self.gossamer("run", "small.yaml", "--set", "algorithm.step_size=1e200", "-o", "loud.h5")
        self.assertRegex(loud.stdout, r"\Aloud\.h5: diverged at iteration \d+ \(recorded up to \d+\) in ")

    def test_a_run_that_fails_says_so(self):
        done = self.run_small("--set", "network={latency: 2000000 h}", "--set", "stop.iterations=1000")
        self.assert_refused(done, r"small\.yaml: failed: .*292 years", code=1)
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual(trace.attrs["status"], "failed")


class Failures(CommandTest):
    """Whatever happens, no file claims to be complete that is not, and none is left over."""

    def full_disk(self):
        # As good as a full disk: no file can grow beyond 4 kB.
        return self.run_small(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))

    def test_full_disk(self):
        self.assert_refused(self.full_disk(), r"small\.h5: cannot be written: File too large", code=1)
        self.assertEqual(self.files(), ["small.yaml"])

    def test_full_standard_output(self):
        for arguments in (["topology", "small.yaml"], ["check", "small.yaml"], ["list", "metrics"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([GOSSAMER, *arguments], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"\A[^\n]*No space left on device\n\Z")

    def test_an_earlier_trace_survives(self):
        self.assert_done(self.run_small())
        before = (self.folder / "small.h5").read_bytes()
        self.assertEqual(self.full_disk().returncode, 1)
        self.assertEqual(self.run_small("--set", "seed=x").returncode, 2)
        self.assertEqual((self.folder / "small.h5").read_bytes(), before)
        self.assertEqual(self.files(), ["small.h5", "small.yaml"])

    def test_a_link_stays(self):
        (self.folder / "link.h5").symlink_to("elsewhere.h5")
        for _ in range(2):  # To nothing yet, and to a trace.
            self.assert_done(self.run_small("-o", "link.h5"))
            self.assertEqual(self.files(), ["elsewhere.h5", "link.h5", "small.yaml"])
            self.assertTrue((self.folder / "link.h5").is_symlink())

    def test_killed(self):
        endless = subprocess.Popen([GOSSAMER, "run", "small.yaml", "--set", "stop.iterations=1e12", "--set", "record.every=1e9"],
                                   cwd=self.folder)
        time.sleep(0.5)
        endless.send_signal(signal.SIGKILL)
        self.assertEqual(endless.wait(10), -signal.SIGKILL)
        # Partial traces come every 20 s; tests/lab reads one.
        self.assertEqual(self.files(), ["small.yaml"])


class Words(CommandTest):
    """What the commands print."""

    def test_quiet(self):
        self.assertEqual(self.assert_done(self.run_small()), "")

    def test_lists(self):
        everything = self.assert_done(self.gossamer("list"))
        for what, names in {
            "algorithms": ["dgd", "dadam", "decentralized_amsgrad", "decentralized_adam", "decentralized_adagrad", "wire"],
            "topologies": ["ring", "path", "torus", "grid", "complete", "two_cliques", "hypercube", "star", "tree",
                           "exponential", "erdos_renyi", "random_regular", "watts_strogatz", "barabasi_albert",
                           "geometric", "karate_club", "davis_southern_women", "florentine_families",
                           "les_miserables", "directed_ring", "directed_exponential", "one_peer_exponential",
                           "random_matchings", "file"],
            "mixings": ["metropolis", "uniform_neighbors", "max_degree", "lazy", "optimal", "column_stochastic", "file"],
            "networks": ["ideal", "store_and_forward", "latency", "bandwidth", "header"],
            "problems": ["quadratic", "logistic", "logistic_nonconvex", "hinge", "least_squares", "softmax", "x0",
                         "synthetic.samples", "synthetic_text.words"],
            "partitions": ["contiguous", "iid", "labels_per_node", "dirichlet"],
            "datasets": ["fashion-mnist", "mushrooms"],
            "quantizers": ["threshold", "ternary"],
            "schedules": ["kind", "value", "factor", "at"],
            "faults": ["loss.probability", "loss.retransmit_after", "outages.every", "crashes.path"],
            "compute": ["gradient", "factors"],
            "stop": ["iterations", "simulated_time", "bits", "target"],
            "record": ["every", "parameters", "metrics", "nodes"],
            "metrics": ["loss", "grad_norm", "consensus", "test_accuracy"],
        }.items():
            with self.subTest(what):
                text = self.assert_done(self.gossamer("list", what))
                self.assertTrue(text.startswith(what + "\n"))
                for name in names:
                    self.assertRegex(text, rf"(?m)^ +{name}\b")
                self.assertIn(text, everything)
        self.assertRegex(everything, r"beta2 +0\.999 .*\[0, 1\)")
        self.assertRegex(everything, r"step_size +\(required\) ")
        self.assertIn("{kind: top_k, fraction: 0.01, accounting: wire}", everything)

    def test_topology(self):
        self.write("ring.yaml", "topology: {kind: ring, nodes: 5}\n")  # The rest is not needed.
        text = self.assert_done(self.gossamer("topology", "ring.yaml"))
        fields = dict(re.split(r" {2,}|(?<=consensus) ", line, maxsplit=1) for line in text.splitlines())
        self.assertEqual(fields["topology"], "ring, 5 nodes, 5 edges")
        self.assertEqual((fields["degree"], fields["diameter"]), ("2", "2"))
        self.assertEqual(fields["mixing"], "metropolis: doubly stochastic within 1e-12, non-negative, support on the "
                                           "edges, symmetric")
        rate = (1 + 2 * np.cos(2 * np.pi / 5)) / 3
        self.assertAlmostEqual(float(fields["lambda"]), rate)
        self.assertAlmostEqual(float(fields["spectral gap"].split()[0]), 1 - rate)
        self.assertEqual(float(fields["predicted consensus"].split()[0]), np.ceil(np.log(1e-3) / np.log(rate)))

        text = self.assert_done(self.gossamer("topology", "ring.yaml", "--set", "topology.kind=path"))
        self.assertRegex(text, r"(?m)^degree +1 to 2, 1\.6 on average$")
        text = self.assert_done(self.gossamer("topology", "ring.yaml", "--set", "mixing=optimal"))
        best = float(re.search(r"(?m)^lambda +(\S+)$", text)[1])
        bound = float(re.search(r"(?m)^lambda is at least +(\S+) for every symmetric non-negative W on this graph$", text)[1])
        self.assertTrue(0 <= best - bound <= 1e-6 * (1 - best))
        self.assert_refused(self.gossamer("topology", "ring.yaml", "--set", "topology.nodes=0"), r"--set topology\.nodes=0: ")

    def test_topology_of_graphs_in_turn_and_of_directed_ones(self):
        self.write("turns.yaml", "topology: {kind: one_peer_exponential, nodes: 8}\n")
        text = self.assert_done(self.gossamer("topology", "turns.yaml"))
        self.assertRegex(text, r"(?m)^topology +one_peer_exponential, 8 nodes, 24 arcs in all, 3 graphs in turn$")
        self.assertRegex(text, r"(?m)^degree +3 to send to, 3 to hear from, in all$")
        self.assertRegex(text, r"(?m)^degree at first +1 to send to, 1 to hear from$")
        self.assertRegex(text, r"(?m)^mixing +column_stochastic: doubly stochastic .*; so is W of each iteration$")
        self.assertRegex(text, r"(?m)^lambda +0 \(mean of an iteration: that of 3 in turn, to the power 1/3\)$")
        self.assertRegex(text, r"(?m)^predicted consensus exact within 3 rounds$")
        self.write("arcs.txt", "0 1\n1 2\n2 0\n0 2\n")
        file = ["--set", "topology={kind: file, path: arcs.txt, directed: true}"]
        text = self.assert_done(self.gossamer("topology", "turns.yaml", *file))
        self.assertRegex(text, r"(?m)^topology +file, 3 nodes, 4 arcs$")
        self.assertRegex(text, r"(?m)^mixing +column_stochastic: column-stochastic, not doubly, within 1e-12")
        dgd = ["--set", "algorithm={kind: dgd, step_size: 0.1}"]
        self.assert_refused(self.gossamer("topology", "turns.yaml", *file, *dgd),
                            r"turns\.yaml:1:1: mixing matrix: row 0 sums to 0\.833333333333333, not to 1 \(within 1e-12\); all "
                            r"columns do, which is enough for push-sum methods only")
        self.assert_refused(self.gossamer("topology", "turns.yaml", "--set", "mixing=metropolis"),
                            r"--set mixing=metropolis: mixing: the graph is directed; it takes column_stochastic, or a file")
        choco = ["--set", "algorithm={kind: choco_sgd, step_size: 0.1, consensus_step: 0.1}"]
        self.assert_refused(self.gossamer("topology", "turns.yaml", *choco),
                            r"turns\.yaml:1:1: topology: choco_sgd keeps sums of what its neighbours sent, which hold for one W; it takes a graph "
                            r"that does not change")

    def test_datasets(self):
        for command in [["datasets"], ["datasets", "list"]]:
            self.assertRegex(self.assert_done(self.gossamer(*command)), r"mushrooms +8124 \+ +0 rows, +112 features, +2 classes")
        self.write("data/mushrooms/mushrooms", "1 1:1\n")
        for arguments in [["--data", "data", "verify"], ["verify", "--data", "data"]]:
            done = self.gossamer("datasets", *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, r"data/mushrooms/mushrooms: mismatch")
        self.assertEqual(self.gossamer("datasets", "verify", "mushrooms", "--data", "data").stdout.count("\n"), 1)
        self.assert_refused(self.gossamer("datasets", "verify", "mushroom"),
                            r"gossamer datasets verify: unknown data set 'mushroom'; did you mean 'mushrooms'")

    def test_help(self):
        for arguments in [["--help"], ["run", "--help"], ["--version"]]:
            self.assertTrue(self.assert_done(self.gossamer(*arguments)))


if __name__ == "__main__":
    unittest.main()
