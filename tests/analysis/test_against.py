import contextlib
import io
import unittest

import numpy as np
from traces_for_tests import WithFolder, metrics, scenario

from analysis import against
from analysis.command import InputError
from analysis.runs import chosen_runs, finished


class Against(WithFolder):
    def axes(self, *arguments):
        options = against.read_options([*map(str, arguments), "-o", str(self.folder / "figure.svg")])
        with contextlib.redirect_stderr(io.StringIO()) as said:
            figure = against.draw(finished("against.py", chosen_runs(options)), options)
        self.said = said.getvalue()
        return figure.axes

    def test_what_a_target_costs_against_a_bandwidth(self):
        (axes,) = self.axes(self.swept(), "--x", "network.bandwidth", "--y", "time", "--target", "grad_norm=0.1", "--group",
                            "algorithm", "--where", "network.bandwidth='100 kbit/s','1 Mbit/s'")
        eager, frugal = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linestyle() != "None"]
        self.assertEqual(axes.get_xscale(), "log")
        np.testing.assert_allclose(eager.get_xdata(), [1e5, 1e6])
        np.testing.assert_allclose(eager.get_ydata(), np.array([1.1, 0.2]) * 14 / 3)
        np.testing.assert_allclose(frugal.get_ydata(), np.array([0.2, 0.11]) * 26 / 3)
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["100 kbit/s", "1 Mbit/s"])

    def test_what_is_no_number_stands_side_by_side_without_a_line(self):
        first, second = self.axes(self.swept(), "--x", "network.bandwidth", "--y", "grad_norm,test_accuracy")
        self.assertEqual([text.get_text() for text in first.get_xticklabels()], ["100 kbit/s", "1 Mbit/s", "unlimited"])
        self.assertTrue(all(line.get_linestyle() == "None" for line in first.lines))
        self.assertEqual((first.get_yscale(), second.get_yscale()), ("log", "linear"))
        self.assertIn("not only over seeds but also over algorithm (Eager, Frugal)", self.said)

    def test_diverged_runs_have_no_point(self):
        self.trace("a.h5", scenario=scenario(bandwidth="1 Mbit/s"))
        self.trace("b.h5", metrics(), scenario=scenario(bandwidth="2 Mbit/s"), status="diverged", diverged_at=24)
        for y, *at in (("loss",), ("loss", "--at", "best"), ("bits",)):
            (axes,) = self.axes(self.folder, "--x", "network.bandwidth", "--y", y, *at)
            self.assertEqual([len(line.get_xdata()) for line in axes.lines], [1])
            self.assertIn(f"network.bandwidth 2 Mbit/s: a run diverged; it has no point for {y}", self.said)

    def test_zero_stands_below_a_log_axis(self):
        for i, latency in enumerate(("0 s", "1 ms", "100 ms")):
            self.trace(f"{i}.h5", scenario=scenario().replace("{model", f"{{latency: {latency}, model"))
        (axes,) = self.axes(self.folder, "--x", "network.latency", "--y", "loss")
        self.assertEqual(axes.get_xscale(), "log")
        np.testing.assert_allclose(axes.lines[0].get_xdata(), [1e-4, 1e-3, 0.1])
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["0 s", "1 ms", "100 ms"])
        self.assertIn("network.latency 0 is drawn a decade below the others", self.said)

    def test_what_only_some_runs_measure(self):
        self.trace("a.h5", metrics(compression_error=np.ones(21)), scenario=scenario(kind="quantized"))
        self.trace("b.h5", scenario=scenario(kind="exact"))
        arguments = (self.folder, "--x", "network.bandwidth", "--group", "algorithm", "--y")
        (axes,) = self.axes(*arguments, "compression_error")
        self.assertEqual([len(line.get_xdata()) for line in axes.lines], [1])
        self.assertIn("exact, network.bandwidth 10 Mbit/s: has no compression_error", self.said)
        with self.assertRaisesRegex(InputError, "has no metric 'sparsity'"):
            self.axes(*arguments, "sparsity")

    def test_a_target_that_costs_nothing(self):
        self.trace("a.h5", metrics(sparsity=np.linspace(1, 0.5, 21)))
        self.axes(self.folder, "--x", "network.bandwidth", "--y", "bits", "--target", "sparsity=0.6")
        self.assertIn("against.py: note: 1 of 1 runs reach sparsity 0.6 before the first iteration", self.said)

    def test_mistakes(self):
        folder = self.swept()
        for arguments, said in (
            (["--x", "network.latency", "--y", "time"], "no run has a parameter 'network.latency'"),
            (["--x", "algorithm", "--y", "time", "--group", "algorithm"], "is already the x axis"),
            (["--x", "algorithm", "--y", "time", "--target", "grad_norm=1e-30"], "nothing to draw"),
        ):
            code, output, got = self.run_main(against.main, folder, *arguments, "-o", self.folder / "figure.svg")
            self.assertEqual((code, output), (2, ""))
            self.assertIn(said, got.splitlines()[-1])
        self.assertFalse((self.folder / "figure.svg").exists())


if __name__ == "__main__":
    unittest.main()
