import unittest

import numpy as np
from traces_for_tests import MEANINGS, WithFolder, metrics, scenario

from analysis import table
from analysis.typesetting import plus_minus


class Tables(WithFolder):
    def table(self, *arguments, code=0):
        got, output, self.said = self.run_main(table.main, *arguments)
        self.assertEqual(got, code, self.said)
        return output

    def test_means_over_seeds_with_the_best_in_bold(self):
        self.assertEqual(
            self.table(self.swept(), "--where", "network.bandwidth=unlimited", "--rows", "algorithm", "--values",
                       "test_accuracy,bits"),
            "| algorithm | test\\_accuracy | bits (Mbit) |\n"
            "| --- | --- | --- |\n"
            "| Eager | **1.000000 ± 0.000000** | 2 ± 0 |\n"
            "| Frugal | 0.999805 ± 0.000098 | **0.2 ± 0** |\n"
            "\nMean and standard deviation (of the sample, n - 1) of 3 runs.\n",
        )
        self.assertEqual(self.said, "")

    def test_columns_and_what_a_target_costs(self):
        # Until 0.1 Eager takes 4 to 5 iterations for seeds 1 to 3, Frugal 7 to 10.
        text = self.table(self.swept(seeds=(1,)), "--rows", "algorithm", "--columns", "network.bandwidth", "--values", "time",
                          "--target", "grad_norm=0.1")
        self.assertEqual(
            text,
            "| algorithm | 100 kbit/s, time (s) | 1 Mbit/s, time (ms) | unlimited, time (ms) |\n"
            "| --- | --- | --- | --- |\n"
            "| Eager | 4.4 | 800 | **400** |\n"
            "| Frugal | **1.4** | **770** | 700 |\n"
            "\nUntil grad\\_norm 0.1 is reached.\n",
        )

    def test_the_value_at_a_budget(self):
        # 100 kbit are one iteration of Eager, ten of Frugal.
        text = self.table(self.swept(), "--where", "network.bandwidth=unlimited", "--rows", "algorithm", "--values",
                          "grad_norm", "--at", "bits=100 kbit")
        self.assertIn("| Eager | 1.00 ± 0.50 |\n| Frugal | **0.063 ± 0.031** |\n\nAt bits 100 kbit. Mean", text)

    def test_runs_of_equal_seeds_as_pairs(self):
        arguments = [self.swept(), "--where", "network.bandwidth=unlimited,1 Mbit/s", "--rows", "algorithm",
                     "--columns", "network.bandwidth", "--paired", "algorithm=Eager"]
        text = self.table(*arguments, "--values", "time")
        self.assertIn("| algorithm | 1 Mbit/s, time ratio | unlimited, time ratio |", text)
        self.assertIn("| Eager | 1 ± 0 | **1 ± 0** |\n| Frugal | **0.55 ± 0** | **1 ± 0** |", text)
        self.assertIn("Each run beside that with algorithm Eager and the same seed. Mean", text)
        text = self.table(*arguments, "--values", "grad_norm", "--at", "bits=100 kbit")
        self.assertIn("| Frugal | **-0.94 ± 0.47** | **-0.94 ± 0.47** |", text)

    def test_a_run_without_a_partner_is_left_out(self):
        folder = self.swept(seeds=(1, 2))
        (folder / "bandwidth=unlimited,algorithm=Eager,seed=2.h5").unlink()
        text = self.table(folder, "--where", "network.bandwidth=unlimited", "--rows", "algorithm", "--values", "grad_norm",
                          "--paired", "algorithm=Eager")
        self.assertIn("1 of 3 runs have no partner with algorithm=Eager and the same seed; they are left out", self.said)
        self.assertIn("| Frugal | 0.0009756 |", text)

    def test_what_does_not_get_there(self):
        text = self.table(self.swept(), "--rows", "algorithm", "--values", "time", "--target", "grad_norm=2e-6", "--where",
                          "network.bandwidth=unlimited")
        self.assertIn("| Eager | 1 of 3 not reached |\n| Frugal | 3 of 3 not reached |", text)

    def test_a_diverged_run_is_never_the_best_however_little_it_spent(self):
        self.trace("a.h5", scenario=scenario(kind="dgd"))
        self.trace("b.h5", metrics(rows=3), scenario=scenario(kind="dadam"), status="diverged", diverged_at=6)
        for at in ((), ("--at", "best")):
            text = self.table(self.folder, "--rows", "algorithm", "--values", "loss", *at)
            self.assertRegex(text, r"(?m)^\| dgd \| [\d.]+ \|\n\| dadam \| diverged \|$")
        text = self.table(self.folder, "--rows", "algorithm", "--values", "bits")
        self.assertRegex(text, r"(?m)^\| dgd \| [\d.]+ \|\n\| dadam \| diverged \|$")

    def test_latex(self):
        text = self.table(self.swept(seeds=(1, 2)), "--rows", "network.bandwidth,algorithm", "--values", "grad_norm",
                          "--format", "latex", "-o", self.folder / "table.tex")
        self.assertEqual(text, "")
        lines = (self.folder / "table.tex").read_text().splitlines()
        self.assertEqual(lines[:3], [r"\begin{tabular}{lll}", r"\toprule", r"network.bandwidth & algorithm & grad\_norm \\"])
        self.assertEqual(lines[4], r"100 kbit/s & Eager & \textbf{(1.43 $\pm$ 0.67)$\times 10^{-6}$} \\")
        self.assertEqual(lines[-1], "% Mean and standard deviation (of the sample, n - 1) of 2 runs.")

    def test_what_only_some_runs_measure_is_absent_in_the_others(self):
        self.trace("a.h5", scenario=scenario(kind="dgd"))
        self.trace("b.h5", metrics(compression_error=np.full(21, 0.25)), scenario=scenario(kind="dadam"))
        text = self.table(self.folder, "--rows", "algorithm", "--values", "compression_error")
        self.assertEqual(text.splitlines()[2:], ["| dgd | none |", "| dadam | 0.25 |"])

    def test_only_what_has_a_better_direction_has_a_best(self):
        for i, kind in enumerate(("dgd", "dadam")):
            columns = metrics(cost=np.full(21, i), phase=np.full(21, i))
            meanings = {**MEANINGS, "cost": ("", "lower")}
            self.trace(f"{kind}.h5", columns, meanings, scenario=scenario(kind=kind))
        text = self.table(self.folder, "--rows", "algorithm", "--values", "cost,phase")
        self.assertEqual(text.splitlines()[2:], ["| dadam | 1 | 1 |", "| dgd | **0** | 0 |"])

    def test_it_says_what_is_averaged(self):
        self.table(self.swept(), "--rows", "algorithm", "--values", "time")
        self.assertIn("the means are not only over seeds but also over network.bandwidth", self.said)

    def test_mistakes(self):
        folder = self.swept()
        for arguments, said in (
            (["--rows", "algorithm", "--values", "test_acuracy"], "has no metric 'test_acuracy'; did you mean"),
            (["--rows", "algorithms", "--values", "time"], "no run has a parameter 'algorithms'"),
            (["--rows", "algorithm", "--columns", "algorithm", "--values", "time"], "is already in --rows"),
            (["--rows", "algorithm", "--values", "loss", "--target", "grad_norm=1"], "is not something that a run spends"),
            (["--rows", "algorithm", "--values", "time", "--target", "grad_norm=1", "--at", "best"], "--at best: has no effect"),
            (["--rows", "algorithm", "--values", "time", "--at", "time=1h"], "was evaluated at time 0 to"),
            (["--rows", "algorithm", "--values", "time", "--paired", "algorithm=Lazy"], "no run has algorithm Lazy"),
            (["--rows", "algorithm", "--values", "time", "--paired", "network.bandwidth"], "is not an assignment"),
        ):
            self.table(folder, *arguments, code=2)
            self.assertRegex(self.said, rf"(?m)^[^\n]*{said}[^\n]*\n\Z")


class Numbers(unittest.TestCase):
    def test_the_deviation_has_two_digits(self):
        for mean, std, text in (
            (0.81234, 0.01281, "0.812 ± 0.013"),
            (1520.3, 61.2, "1520 ± 61"),
            (3.2e-7, 1.5e-8, "(3.20 ± 0.15)e-7"),
            (2.0, 0.0, "2 ± 0"),
            (14.6208, 1.8e-15, "14.62 ± 0"),
            (0.5, float("nan"), "0.5"),
        ):
            self.assertEqual(plus_minus(mean, std), text)


if __name__ == "__main__":
    unittest.main()
