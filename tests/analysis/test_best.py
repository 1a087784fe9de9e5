import signal
import subprocess
import time
import unittest

from test_gossamer import COMMAND, WithCommand
from traces_for_tests import GOSSAMER, QUADRATIC, ROOT, WithFolder, metrics, scenario

from analysis import best, grids
from analysis.measures import At
from analysis.traces import load


class Grids(unittest.TestCase):
    def test_the_product_the_last_fastest(self):
        self.assertEqual(
            grids.points_of({"a": ["1", "2"], "b": ["x", "y"]}),
            [(("a", i), ("b", j)) for i in ("1", "2") for j in ("x", "y")],
        )
        self.assertEqual(grids.points_of({}), [()])

    def test_the_best_is_the_first_of_equals_and_never_what_diverged(self):
        self.assertEqual(grids.best_of([3, 1, 1, 2], higher_is_better=False), 1)
        self.assertEqual(grids.best_of([3, 1, 1, 2], higher_is_better=True), 0)
        self.assertIsNone(grids.best_of([float("inf")] * 2, higher_is_better=False))
        self.assertIsNone(grids.best_of([float("-inf")], higher_is_better=True))

    def test_the_ends_of_a_grid(self):
        over = {"step": ["0.1", "1e-2", "1"], "kind": ["a", "b"], "k": ["5"]}
        for step, words in (("0.1", []), ("1e-2", ["smallest"]), ("1", ["largest"])):
            found = grids.at_ends(over, (("step", step), ("kind", "a"), ("k", "5")))
            self.assertEqual(len(found), len(words))
            for (path, text), word in zip(found.items(), words):
                self.assertEqual((path, text.split(" of")[0]), ("step", f"the {word} value"))


class Best(WithCommand):
    def best(self, *arguments):
        usual = ["--gossamer", self.command, "--metric", "grad_norm", "-o", self.folder / "out"]
        return self.run_main(best.main, self.scenario, *usual, *arguments)

    def test_scores_are_means_and_a_diverged_run_is_the_worst(self):
        traces = [load(self.trace(f"{i}.h5", metrics(loss=[2.0, 4, i], rows=3))) for i in range(2)]
        wild = load(self.trace("wild.h5", status="diverged", diverged_at=5))
        self.assertEqual(grids.score(traces, "loss"), 0.5)
        self.assertEqual(grids.score(traces, "bits", At("best")), 0)
        for at in (At("final"), At("best")):
            self.assertEqual(grids.score([traces[0], wild], "loss", at), float("inf"))
            self.assertEqual(grids.score([wild], "test_accuracy", at), float("-inf"))

    def test_mistakes(self):
        def refused(pattern, *arguments):
            code, output, said = self.best(*arguments)
            self.assertEqual((code, output), (2, ""))
            self.assertRegex(said, rf"\A{pattern}[^\n]*\n\Z")

        over = ("--over", "algorithm.step_size=1,2")
        refused(r"best\.py: the following arguments are required: --over")
        refused(r"--over step_size: is not an assignment; write path=value", "--over", "step_size")
        refused(r"--over a=\[: not YAML: ", "--over", "a=[")
        refused(r"--over a=: the value list is empty; it takes a list", "--over", "a=")
        refused(r"--over a=2: a is varied twice", "--over", "a=1", "--over", "a=2")
        refused("--over a=2: would replace what --over a.b varies", "--over", "a.b=1", "--over", "a=2")
        refused(r"--set seed: is not an assignment", *over, "--set", "seed")
        refused(
            r"best\.py: unknown metric 'grad_nrm'; did you mean 'grad_norm'\?", *over, "--metric", "grad_nrm"
        )
        refused(r"best\.py: argument --at: 'end' is not allowed; it takes final, best, or a budget", *over, "--at", "end")
        refused(r"no/such: no such command; ", *over, "--gossamer", "no/such")
        refused(r"--jobs 0: is not a number of runs", *over, "--jobs", 0)
        refused(r"\S+/small\.yaml/x: cannot be created: Not a directory", *over, "-o", self.scenario / "x")
        self.assertFalse((self.folder / "out").exists())
        self.assertEqual(self.calls(), [])
        refused(
            r"\S+b=2,a=1\.h5: has no metric 'sparsity'",
            "--over",
            "a=1",
            "--set",
            "b=2",
            "--metric",
            "sparsity",
        )
        refused(r"\S+a=1\.h5: does not say whether higher or lower epoch is better", "--over", "a=1", "--metric", "epoch")
        self.write("command/refusal", "--set a=1: nonsense\n")
        refused("--set a=1: nonsense", *over)

    def test_all_diverged(self):
        self.trace("command/answer.h5", status="diverged", diverged_at=3)
        code, output, said = self.best("--over", "a=1,2", "--at", "best")
        self.assertEqual((code, said), (1, "best.py: no best point: every run failed, diverged or missed its target\n"))
        self.assertEqual(output.count("diverged at iteration 3"), 2)
        self.assertNotIn("best", output)

    def test_one_failed(self):
        self.write("command/gossamer", COMMAND + '[ "$9" = a=1 ] || { echo "it failed" >&2; exit 1; }\n')
        code, output, said = self.best("--over", "a=1,2")
        self.assertEqual((code, said), (1, "it failed\n"))
        self.assertRegex(output, r"(?m)^1 +9\.53674e-07 +complete +best$")
        self.assertRegex(output, r"(?m)^2 +failed$")


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class EndToEnd(WithFolder):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("quadratic.yaml", QUADRATIC)

    def test_what_misses_its_target_is_not_cheap(self):
        command = (self.scenario, "--over", "algorithm.step_size=0.001,0.2,0.4", "--metric", "bits", "--set",
                   "stop={iterations: 20, target: {grad_norm: 0.1}}", "-o", self.folder / "out")
        code, output, said = self.run_main(best.main, *command)
        self.assertEqual(code, 0)
        self.assertRegex(output, r"(?m)^0\.001 +\S+ +target not reached$")
        self.assertRegex(output, r"(?m)^0\.4 +\S+ +complete +best$")

    def test_the_best_step_of_gradient_descent(self):
        # The gradient norm at the mean is |1 - step|^20 sqrt(5).
        options = ["--over", "algorithm.step_size=0.1, 0.5, 1.8, 1e200", "--metric", "grad_norm"]
        command = [self.scenario, *options, "-o", self.folder / "out"]
        code, output, said = self.run_main(best.main, *command)
        self.assertEqual((code, said), (0, ""))
        lines = [line.split() for line in output.splitlines()]
        self.assertEqual([line[0] for line in lines[2:6]], ["0.1", "0.5", "1.8", "1e200"])
        for line, factor in zip(lines[2:5], (0.9, 0.5, 0.8)):
            self.assertAlmostEqual(float(line[1]) / (factor**20 * 5**0.5), 1, places=4)
        self.assertEqual(
            [line[2:] for line in lines[2:5]], [["complete"], ["complete", "best"], ["complete"]]
        )
        self.assertEqual(lines[5][1:3], ["inf", "diverged"])
        self.assertEqual(len(lines), 6)

        out = self.folder / "out"
        before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
        self.assertEqual(sorted(path.name for path in before)[0], "quadratic,algorithm.step_size=0.1.h5")
        self.assertEqual(self.run_main(best.main, *command), (code, output, said))
        self.assertEqual({path: path.stat().st_mtime_ns for path in out.iterdir()}, before)

    def test_a_mistake_is_told_in_the_words_of_the_command(self):
        grid = ["--over", "algorithm.stepsize=1,2", "--metric", "loss"]
        code, output, said = self.run_main(best.main, self.scenario, *grid, "-o", self.folder / "out")
        self.assertEqual((code, output), (2, ""))
        self.assertRegex(said, r"\A--set algorithm\.stepsize=\d: unknown key 'stepsize' in algorithm; .*\n\Z")

    def test_ctrl_c_leaves_nothing(self):
        out = self.folder / "out"
        endless = ["--set", "stop.iterations=1e12", "--set", "record.every=1e9", "--metric", "loss"]
        process = subprocess.Popen(
            [
                ROOT / "analysis/best.py",
                self.scenario,
                *endless,
                "--over",
                "seed=1,2,3",
                "--jobs",
                "2",
                "-o",
                out,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 30
        while not (out.exists() and any(out.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=30)
        self.assertEqual((process.returncode, output, said), (130, b"", b""))
        self.assertEqual(list(out.iterdir()), [])


class BestOfTraces(WithFolder):
    """best.py on what a sweep left."""

    def test_for_each_value_of_what_else_was_varied(self):
        code, output, said = self.run_main(best.main, self.swept(), "--over", "algorithm", "--metric", "time", "--where",
                                           "network.bandwidth='100 kbit/s',unlimited")
        self.assertEqual((code, said), (0, ""))
        # 20 iterations of 0.1 s and 1e4 bits at 1e5 bit/s; where bandwidth is free both take 2 s, and the first counts.
        self.assertRegex(output, r"(?m)^100 kbit/s +Frugal +4 ± 0$")
        self.assertRegex(output, r"(?m)^unlimited +Eager +2 ± 0$")

    def test_no_best_where_all_miss_their_target(self):
        missed = scenario() + "stop: {target: {grad_norm: 1e-30}}\n"
        self.trace("a.h5", scenario=missed, ended_by="iterations")
        self.trace("b.h5", scenario=missed.replace("1e-3\n", "1e-2\n"), ended_by="iterations")
        code, output, _ = self.run_main(best.main, self.folder, "--over", "algorithm.step_size", "--metric", "bits")
        self.assertEqual(code, 1)
        self.assertIn("every run diverged or missed its target", output)

    def test_an_end_of_the_grid(self):
        _, output, _ = self.run_main(best.main, self.swept(), "--over", "seed", "--metric", "grad_norm", "--where",
                                     "algorithm=Eager", "--where", "network.bandwidth=unlimited")
        self.assertIn("seed is the smallest value of its grid; a smaller one may be", " ".join(output.split()))

    def test_mistakes(self):
        folder = self.swept()
        for arguments, said in (
            (["--over", "algorithm=Eager"], "the values come from the traces; choose some with --where algorithm=Eager"),
            (["--over", "algorithm", "--set", "seed=1"], "--set is for the runs of a scenario"),
            (["--over", "algorithms"], "no run has a parameter 'algorithms'"),
            (["--over", "algorithm", "--metric", "iteration"], "does not say whether higher or lower iteration is better"),
        ):
            code, output, got = self.run_main(best.main, folder, "--metric", "time", *arguments)
            self.assertEqual((code, output), (2, ""))
            self.assertIn(said, got)

    def test_a_grid_takes_each_value_once_and_nothing_that_is_set(self):
        scenario = self.write("a.yaml", "name: a")
        for arguments, said in (
            (["--over", "algorithm.step_size=0.1,1e-1"], "1e-1 is listed twice"),
            (["--over", "seed=1,2", "--over", "seed=3"], "seed is varied twice"),
            (["--over", "seed=1,2", "--set", "seed=3"], "would replace what --set seed=3 sets"),
        ):
            code, _, got = self.run_main(best.main, scenario, *arguments, "--metric", "time")
            self.assertEqual(code, 2)
            self.assertIn(said, got)


if __name__ == "__main__":
    unittest.main()
