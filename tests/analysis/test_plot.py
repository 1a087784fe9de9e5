import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom
from pathlib import Path
from unittest import mock

import numpy as np
from traces_for_tests import MEANINGS, ROOT, WithFolder, metrics, scenario

from analysis import figures, plot
from analysis.quantities import QUANTITIES, quantity


class WithPlot(WithFolder):
    def run_plot(self, *arguments):
        """(exit code, standard error)"""
        code, output, said = self.run_main(plot.main, *arguments)
        self.assertEqual(output, "")
        return code, said

    def figure(self, *arguments):
        self.said = io.StringIO()
        with contextlib.redirect_stderr(self.said):
            options = plot.read_options([*map(str, arguments), "-o", str(self.folder / "figure.svg")])
            figure, self.lines = plot.draw(plot.runs_of(options), options)
            figures.render(figure, options.output)  # what is laid out must also be drawable
        return figure

    def axes(self, *arguments):
        (axes,) = self.figure(*arguments).axes
        return axes

    def curve(self, axes, index=0):
        line = [line for line in axes.lines if line.get_marker() != "x"][index]
        return line.get_xdata(), line.get_ydata()

    def crosses(self, axes):
        """Where runs are marked as diverged."""
        places = [
            (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "x"
        ]
        return sorted(set(places))

    def legend(self, figure):
        (legend,) = figure.legends
        return [text.get_text() for text in legend.get_texts()]

    def refused(self, arguments, *words, output="figure.svg"):
        code, said = self.run_plot(*arguments, "-o", self.folder / output)
        self.assertEqual(code, 2, said)
        self.assertEqual(said.count("\n"), 1, said)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(
            [path.name for path in self.folder.rglob("*") if path.suffix not in ("", ".h5")],
            [],
            "left something behind",
        )


class Curves(WithPlot):
    def test_rows_that_were_not_evaluated_are_skipped(self):
        x, y = self.curve(self.axes(self.trace(), "--x", "iteration", "--y", "test_accuracy"))
        np.testing.assert_array_equal(x, 4 * np.arange(11))
        np.testing.assert_allclose(y, 1 - 0.9 * np.exp(-0.4 * np.arange(11)))

    def test_a_diverged_run_is_cut_at_its_first_infinite_value_and_marked(self):
        growing = 10.0 ** np.arange(21)
        growing[12] = np.inf  # what follows, finite or not, is not shown
        trace = self.trace(columns=metrics(grad_norm=growing), status="diverged", diverged_at=24)
        figure = self.figure(trace, "--x", "iteration", "--y", "grad_norm")
        self.assertEqual(self.legend(figure), ["A run (diverged at iteration 24)"])
        self.assertEqual(self.curve(figure.axes[0])[0][-1], 22)
        self.assertEqual(self.crosses(figure.axes[0]), [(22, 1e11)])

    def test_an_infinite_value_is_marked_whatever_the_status_says(self):
        loss = np.ones(21)
        loss[5:] = np.inf
        axes = self.axes(self.trace(columns=metrics(loss=loss)), "--x", "iteration", "--y", "loss")
        self.assertEqual(self.crosses(axes), [(8, 1)])

    def test_a_diverged_run_does_not_flatten_the_others(self):
        sound = self.trace("a.h5", scenario=scenario("sound"))
        wild = self.trace(
            "b.h5",
            metrics(grad_norm=10.0 ** (3 * np.arange(21))),
            scenario=scenario("wild"),
            status="diverged",
            diverged_at=42,
        )
        axes = self.axes(sound, wild, "--x", "iteration", "--y", "grad_norm")
        low, high = axes.get_ylim()
        # The sound one spans 20 halvings, 6.02 decades; a third more is granted to the other.
        self.assertLess(high, 10**3)
        ((x, y),) = self.crosses(axes)
        self.assertAlmostEqual(y, high)
        # It grows three decades in two iterations: it leaves the panel at iteration 2/3 log10(high).
        self.assertAlmostEqual(x, 2 / 3 * np.log10(high))

    def test_partial_and_failed_runs_say_so(self):
        traces = [
            self.trace(f"{status}.h5", scenario=scenario(status), status=status)
            for status in ("complete", "partial", "failed")
        ]
        figure = self.figure(*traces, "--x", "time", "--y", "loss")
        self.assertEqual(self.legend(figure), ["complete", "partial (partial)", "failed (failed)"])
        self.assertIn("failed.h5: the run failed", self.said.getvalue())

    def test_a_mean_says_how_many_of_its_runs_are_partial(self):
        traces = [
            self.trace(f"{seed}.h5", scenario=scenario(seed=seed), seed=seed, status=status)
            for seed, status in enumerate(("complete", "partial", "diverged"), start=1)
        ]
        figure = self.figure(*traces, "--x", "time", "--y", "loss")
        self.assertEqual(self.legend(figure), ["A run (1 of 3 diverged, 1 of 3 partial)"])

    def test_runs_of_a_single_row_are_drawn(self):
        axes = self.axes(
            self.trace(columns=metrics(rows=1), status="diverged", diverged_at=1),
            "--x",
            "bits",
            "--y",
            "grad_norm",
        )
        self.assertEqual(self.crosses(axes), [(0, 1)])

    def test_a_run_that_diverged_at_once_is_seen_on_a_log_axis_too(self):
        sound = self.trace("a.h5", scenario=scenario("sound"))
        wild = self.trace(
            "b.h5", metrics(rows=1), scenario=scenario("wild"), status="diverged", diverged_at=1
        )
        figure = self.figure(sound, wild, "--x", "bits,time", "--y", "grad_norm,loss", "--log", "x")
        self.assertEqual(self.legend(figure), ["sound", "wild (diverged at iteration 1)"])
        for axes in figure.axes:
            # Its only point, (0, 1) and (0, 0.7), lies beyond the left edge.
            ((x, y),) = self.crosses(axes)
            self.assertEqual(x, axes.get_xlim()[0])
            self.assertEqual(y, np.clip({"log": 1, "linear": 0.7}[axes.get_yscale()], *axes.get_ylim()))
        notes = self.said.getvalue().splitlines()
        self.assertEqual(len(notes), 2, notes)
        for note, x in zip(notes, ("bits", "time")):
            self.assertIn(f"b.h5: has only its initial point, which the log axis of {x} leaves out", note)

    def test_one_trace_given_twice_is_two_curves(self):
        trace = self.trace()
        figure = self.figure(trace, trace, "--x", "time", "--y", "loss")
        self.assertEqual((len(set(self.legend(figure))), len(figure.axes[0].lines)), (2, 2))

    def test_every_curve_has_its_own_look(self):
        traces = [self.trace(f"{i}.h5", scenario=scenario(f"run {i}")) for i in range(28)]
        axes = self.axes(*traces, "--x", "time", "--y", "loss")
        self.assertEqual(
            len(
                {
                    (line.get_color(), str(line.get_linestyle()), line._unscaled_dash_pattern[1])
                    for line in axes.lines
                }
            ),
            28,
        )

    def test_names_that_matplotlib_would_interpret_are_literal(self):
        names = ["_hidden", "5$ a $", "$\\nonsense$", "a & <b>"]
        traces = [self.trace(f"{i}.h5", scenario=scenario("'" + name + "'")) for i, name in enumerate(names)]
        self.assertEqual(self.legend(self.figure(*traces, "--x", "time", "--y", "loss")), names)

    def test_ten_markers_evenly_spaced_along_what_is_seen(self):
        x = np.linspace(0, 1000, 5001)
        marked = plot.markers(x, 0, 500, shift=0)
        self.assertEqual(len(marked), 10)
        np.testing.assert_allclose(np.diff(x[marked]), 50, atol=0.2)
        self.assertLessEqual(x[marked[-1]], 500)
        self.assertTrue(set(marked).isdisjoint(plot.markers(x, 0, 500, shift=0.5)))
        self.assertEqual(plot.markers(np.arange(3.0), 0, 5, shift=0.5), [0, 1, 2])
        self.assertEqual(plot.markers(np.empty(0), 0, 5, shift=0.5), [])


    def test_of_a_long_curve_what_the_eye_sees(self):
        x, y = np.arange(10001.0), np.sin(np.arange(10001.0))
        y[5000:5003] = np.nan
        kept = plot.telling_points(x, y, 0, 10000)
        self.assertLess(len(kept), 2 * plot.PARTS + 10)
        self.assertEqual((kept[0], kept[-1]), (0, 10000))
        for place in range(100, 10000, 1000):  # each part has its extremes
            near = kept[(kept >= place - 300) & (kept <= place + 300)]
            self.assertGreater(np.nanmax(y[near]), 0.99)
            self.assertLess(np.nanmin(y[near]), -0.99)
        self.assertTrue({4999, 5000, 5002, 5003} <= set(kept.tolist()))  # the gap stays
        part = plot.telling_points(x, y, 2000, 3000)
        self.assertTrue({1999, 3001} <= set(part.tolist()))  # the curve enters and leaves where it did
        np.testing.assert_array_equal(plot.telling_points(x[:150], y[:150], 0, 150), np.arange(150))
        np.testing.assert_array_equal(plot.telling_points(x[::-1], y, 0, 200), np.arange(10001))


class Panels(WithPlot):
    def test_panels_share_y_in_a_row_and_x_in_a_column_and_one_legend(self):
        figure = self.figure(self.trace(), "--x", "epoch,bits,time", "--y", "grad_norm,test_accuracy")
        axes = figure.axes
        self.assertEqual(
            [a.get_xlabel() for a in axes],
            ["", "", "", "epochs", "bits sent by all nodes (kbit)", "simulated time (s)"],
        )
        self.assertEqual([bool(a.get_ylabel()) for a in axes], [True, False, False] * 2)
        self.assertEqual([a.get_yscale() for a in axes], ["log"] * 3 + ["linear"] * 3)
        self.assertEqual(axes[0].get_ylim(), axes[2].get_ylim())
        self.assertEqual(axes[1].get_xlim(), axes[4].get_xlim())
        self.assertEqual(len(self.legend(figure)), 1)

    def test_a_long_label_takes_two_lines(self):
        trace = self.trace(columns=metrics(node_test_accuracy=np.linspace(0, 1, 21)))
        figure = self.figure(trace, "--x", "iteration", "--y", "node_test_accuracy,test_accuracy")
        self.assertEqual([a.get_ylabel() for a in figure.axes], ["test accuracy,\nmean of the nodes", "test accuracy"])

    def test_rows_and_columns_as_asked(self):
        arguments = (self.swept(), "--group", "algorithm")
        figure = self.figure(*arguments, "--x", "time", "--y", "grad_norm,test_accuracy", "--across", "y")
        self.assertEqual([bool(a.get_xlabel()) and bool(a.get_ylabel()) for a in figure.axes], [True, True])
        self.assertEqual([a.get_subplotspec().colspan.start for a in figure.axes], [0, 1])

        panel = ("--panel", "network.bandwidth", "--across", "panel")
        figure = self.figure(*arguments, *panel, "--x", "bits,iteration", "--y", "grad_norm")
        self.assertEqual([a.get_title() != "" for a in figure.axes], [True] * 3 + [False] * 3)
        self.assertEqual([bool(a.get_ylabel()) for a in figure.axes], [True, False, False] * 2)
        self.assertEqual(figure.axes[3].get_xlabel(), "iterations")
        self.refused([self.swept(), "--x", "time", "--y", "loss", "--across", "panel"], "--panel PATH makes them")
        self.refused([self.swept(), "--x", "time", "--y", "loss", "--own-y"], "--panel PATH makes them")

    def test_each_panel_may_have_its_own_range(self):
        for bandwidth, factor in (("1 Mbit/s", 1), ("10 Mbit/s", 1e6)):
            columns = metrics(grad_norm=factor * 0.5 ** np.arange(21))
            self.trace(f"{factor}.h5", columns, scenario=scenario(bandwidth=bandwidth))
        arguments = (self.folder, "--x", "time", "--y", "grad_norm", "--panel", "network.bandwidth")
        one, two = self.figure(*arguments).axes
        self.assertEqual(one.get_ylim(), two.get_ylim())
        one, two = self.figure(*arguments, "--own-y").axes
        self.assertLess(one.get_ylim()[1], 2)
        self.assertGreater(two.get_ylim()[0], 0.5)

    def test_nothing_overlaps_the_legend(self):
        traces = [
            self.trace(
                f"{i}.h5", scenario=scenario(f"a scenario with quite a long name, number {i}, " * (1 + i % 2))
            )
            for i in range(7)
        ]
        for x in ("bits", "bits,time", "epoch,bits,time"):
            figure = self.figure(*traces, "--x", x, "--y", "loss")
            figure.draw_without_rendering()
            renderer = figure.canvas.get_renderer()
            box = figure.legends[0].get_window_extent(renderer)
            for axes in figure.axes:
                self.assertGreaterEqual(axes.get_tightbbox(renderer).y0, box.y1 - 1)
            self.assertGreaterEqual(box.x0, 0)
            self.assertLessEqual(box.x1, figure.bbox.x1)

    def test_title(self):
        traces = [
            self.trace("a.h5", scenario=scenario("S", kind="dgd")),
            self.trace("b.h5", scenario=scenario("S", kind="dadam")),
        ]
        self.assertEqual(self.figure(*traces, "--x", "time", "--y", "loss")._suptitle.get_text(), "S")
        self.assertEqual(
            self.figure(*traces, "--x", "time", "--y", "loss", "--title", "$n = 5$")._suptitle.get_text(),
            "$n = 5$",
        )
        self.assertIsNone(self.figure(*traces, "--x", "time", "--y", "loss", "--title", "")._suptitle)


class Scales(WithPlot):
    def scales(self, *arguments):
        axes = self.axes(*arguments)
        return axes.get_xscale(), axes.get_yscale()

    def test_y_by_the_habits_of_the_field(self):
        trace = self.trace(
            columns=metrics(consensus=1e-3 * 0.9 ** np.arange(21), wide=np.geomspace(1, 1e9, 21))
        )
        for y, scale in (
            ("grad_norm", "log"),
            ("consensus", "log"),
            ("test_accuracy", "linear"),
            ("loss", "linear"),
            ("wide", "linear"),
        ):
            self.assertEqual(self.scales(trace, "--x", "iteration", "--y", y), ("linear", scale), y)

    def test_a_loss_is_log_where_it_spans_a_decade(self):
        trace = self.trace(columns=metrics(loss=np.geomspace(1, 0.09, 21)))
        self.assertEqual(self.scales(trace, "--x", "iteration", "--y", "loss")[1], "log")

    def test_a_quantity_that_is_never_positive_is_linear(self):
        trace = self.trace(columns=metrics(consensus=np.zeros(21)))
        self.assertEqual(self.scales(trace, "--x", "iteration", "--y", "consensus")[1], "linear")

    def test_bits_are_log_where_runs_end_a_decade_apart(self):
        full = self.trace("full.h5", metrics(bits_per_round=32.0), scenario=scenario("full"))
        half = self.trace("half.h5", metrics(bits_per_round=16.0), scenario=scenario("half"))
        sign = self.trace("sign.h5", metrics(bits_per_round=1.0), scenario=scenario("sign"))
        stopped = self.trace(
            "stopped.h5",
            metrics(rows=2, bits_per_round=1.0),
            scenario=scenario("stopped"),
            status="diverged",
            diverged_at=4,
        )
        self.assertEqual(self.scales(full, half, "--x", "bits", "--y", "loss")[0], "linear")
        self.assertEqual(self.scales(full, half, stopped, "--x", "bits", "--y", "loss")[0], "linear")
        self.assertEqual(self.scales(full, half, sign, "--x", "bits", "--y", "loss")[0], "log")
        self.assertEqual(self.scales(full, half, sign, "--x", "iteration", "--y", "loss")[0], "linear")

    def test_the_initial_point_is_not_on_a_log_x_axis(self):
        axes = self.axes(self.trace(), "--x", "bits", "--y", "loss", "--log", "x")
        self.assertEqual(self.curve(axes)[0][0], 2 * 5 * 1000)
        self.assertGreater(axes.get_xlim()[0], 1000)

    def test_zeros_on_a_log_y_axis_leave_a_gap_and_a_note(self):
        values = 0.5 ** np.arange(21)
        values[[0, 7, 8]] = 0  # the consensus error of the initial point is always 0 and needs no note
        axes = self.axes(self.trace(columns=metrics(consensus=values)), "--x", "time", "--y", "consensus")
        self.assertEqual(np.flatnonzero(np.isnan(self.curve(axes)[1])).tolist(), [0, 7, 8])
        self.assertIn("2 values of consensus are not positive", self.said.getvalue())

    def test_log_and_linear_decide(self):
        trace = self.trace()
        self.assertEqual(self.scales(trace, "--x", "bits", "--y", "loss", "--log", "x,y"), ("log", "log"))
        self.assertEqual(
            self.scales(trace, "--x", "bits", "--y", "grad_norm", "--linear", "x,y"), ("linear", "linear")
        )
        figure = self.figure(
            trace, "--x", "epoch,bits,time", "--y", "loss", "--log", "x", "--linear", "epoch"
        )
        self.assertEqual([axes.get_xscale() for axes in figure.axes], ["linear", "log", "log"])

    def test_limits_are_in_the_units_of_the_trace(self):
        figure = self.figure(
            self.trace(), "--x", "bits,time", "--y", "loss", "--xlim", "1e5:2e5,:10", "--ylim", "0:"
        )
        self.assertEqual(figure.axes[0].get_xlim(), (100, 200))  # kbit
        self.assertEqual(figure.axes[1].get_xlim()[1], 10)
        self.assertEqual(figure.axes[0].get_ylim()[0], 0)

    def test_extreme_values_can_be_drawn(self):
        for low, high in (
            (1e-320, 1e-300),
            (1e-300, 1e300),
            (-1e300, 1e300),
            (1e-140, 1e140),
            (5, 5),
            (0, 0),
        ):
            trace = self.trace(
                columns=metrics(loss=np.linspace(low, high, 21), grad_norm=np.linspace(low, high, 21))
            )
            with self.subTest(f"{low} to {high}"), np.errstate(all="ignore"):
                try:
                    self.figure(trace, "--x", "iteration", "--y", "loss,grad_norm")
                except plot.InputError as error:
                    self.assertIn("nothing to draw", str(error))

    def test_units_that_read_well(self):
        for metric, unit, largest, label, worth in (
            ("bits_per_node", "bit", 999, "bits sent per node", 1),
            ("bits_per_node", "bit", 3e8, "bits sent per node (Mbit)", 1e6),
            ("bits", "bit", 3e9, "bits sent by all nodes (Gbit)", 1e9),
            ("time", "s", 0, "simulated time (s)", 1),
            ("time", "s", 5e-6, "simulated time (µs)", 1e-6),
            ("time", "s", 0.2, "simulated time (ms)", 1e-3),
            ("time", "s", 599, "simulated time (s)", 1),
            ("time", "s", 601, "simulated time (min)", 60),
            ("time", "s", 11000, "simulated time (h)", 3600),
            ("iteration", "", 99999, "iterations", 1),
            ("iteration", "", 2e6, "iterations (millions)", 1e6),
            ("my_metric", "", 2e6, "my metric", 1),
            ("my_metric", "J", 2e6, "my metric (J)", 1),
            ("my_traffic", "bit", 20, "my traffic (bit)", 1),
            ("my_traffic", "bit", 2e6, "my traffic (Mbit)", 1e6),
        ):
            self.assertEqual(quantity(metric).axis(largest, unit, log=False), (label, worth))
        self.assertEqual(quantity("time").axis(1e6, "s", log=True), ("simulated time (s)", 1))
        self.assertEqual(quantity("bits").axis(1e6, "bit", log=True), ("bits sent by all nodes", 1))
        self.assertEqual(quantity("my_traffic").axis(1e6, "bit", log=True), ("my traffic (bit)", 1))

    def test_every_metric_of_the_contract_has_words_of_its_own(self):
        for metric, unit, largest, label in (
            ("bits_up", "bit", 2e6, "bits sent to the server (Mbit)"),
            ("bits_down", "bit", 2e3, "bits sent by the server (kbit)"),
            ("bits_paper", "bit", 2e9, "bits as the paper counts (Gbit)"),
            ("gradients", "", 10, "gradients computed"),
            ("sparsity", "", 1, "sparsity (fraction of zeros)"),
            ("test_loss", "", 1, "test loss"),
            ("compression_error", "", 1, "compression error"),
        ):
            self.assertEqual(quantity(metric).axis(largest, unit, log=False)[0], label)
        self.assertTrue(all(quantity(m).is_budget for m in QUANTITIES if m.startswith("bits")))
        self.assertEqual(
            [quantity(m).as_y for m in ("sparsity", "test_loss", "compression_error")],
            ["linear", "spread", "log"],
        )

    def test_a_metric_that_only_the_trace_knows(self):
        energy = metrics(energy=np.linspace(1, 200, 21))
        meanings = {**MEANINGS, "energy": ("J", "lower")}
        axes = self.axes(self.trace(columns=energy, meanings=meanings), "--x", "energy", "--y", "grad_norm")
        self.assertEqual((axes.get_xlabel(), axes.get_xscale()), ("energy (J)", "linear"))
        other = self.trace("b.h5", energy, {**meanings, "energy": ("kJ", "lower")}, scenario=scenario("other"))
        self.refused([self.folder, "--x", "energy", "--y", "loss"], "energy is not the same in", "(J, lower is better)",
                     f"{other} (kJ, lower is better)")


class Mistakes(WithPlot):
    def test_options(self):
        trace = self.trace()
        usual = [trace, "--x", "time", "--y", "loss"]
        self.refused([trace, "--y", "loss"], "--x")
        self.refused(["--x", "time", "--y", "loss"], "TRACE")
        self.refused([*usual, "--color", "red"], "--color")
        self.refused([trace, "--x", "time,", "--y", "loss"], "'time,'")
        self.refused([trace, "--x", "time,time", "--y", "loss"], "different names")
        self.refused(usual, "unknown ending 'jpg'", ".svg, .png, .pdf", output="figure.jpg")
        self.refused(usual, "unknown ending ''", output="figure")
        self.refused([*usual, "--log", "z"], "no axis 'z'", "x, y, time, loss")
        self.refused([*usual, "--log", "x", "--linear", "x"], "both")
        self.refused([*usual, "--xlim", "1"], "LOW:HIGH")
        self.refused([*usual, "--xlim", "0:1,0:1"], "2 ranges for 1")
        self.refused([*usual, "--ylim", "2:1"], "below")
        self.refused([*usual, "--ylim", "nan:1"], "finite")
        self.refused([*usual, "--ylim", "5:"], "no point of loss")
        self.refused([*usual, "--log", "y", "--ylim", "0:1"], "cannot begin at 0")
        self.refused([*usual, "--title", "$\\frac$"], "--title")

    def test_traces(self):
        trace = self.trace(columns=metrics(consensus=np.zeros(21), suboptimality=np.full(21, np.nan)))
        self.refused([self.folder / "missing.h5", "--x", "time", "--y", "loss"], "missing.h5: no such file")
        self.refused([trace, "--x", "tme", "--y", "loss"], "did you mean 'time'?", "bits_per_node")
        self.refused(
            [trace, "--x", "time", "--y", "consensus", "--log", "y"], "no value of consensus is positive"
        )
        self.refused([trace, "--x", "time", "--y", "suboptimality"], "nothing to draw", "suboptimality")

    def test_a_trace_without_values_is_noted_where_others_have_some(self):
        with_values = self.trace("a.h5", scenario=scenario("with"))
        without = self.trace("b.h5", metrics(test_accuracy=np.full(21, np.nan)), scenario=scenario("without"))
        code, said = self.run_plot(
            with_values, without, "--x", "bits,time", "--y", "test_accuracy", "-o", self.folder / "figure.svg"
        )
        self.assertEqual((code, said.count("\n")), (0, 1))
        self.assertIn("b.h5: has no value of test_accuracy", said)

    def test_one_note_lists_the_settings_that_the_legend_does_not_tell(self):
        traces = [
            self.trace("a.h5", scenario=scenario("A", seed=1)),
            self.trace("b.h5", scenario=scenario("B", seed=2, bandwidth="1 Gbit/s")),
        ]
        code, said = self.run_plot(*traces, "--x", "time", "--y", "loss", "-o", self.folder / "figure.svg")
        self.assertEqual(
            (code, said),
            (
                0,
                "plot.py: note: the legend does not say that the runs differ in seed (1, 2), "
                "network.bandwidth (10 Mbit/s, 1 Gbit/s)\n",
            ),
        )

    def test_outputs(self):
        trace = self.trace()
        usual = [trace, "--x", "time", "--y", "loss"]
        self.refused(usual, "cannot be written", output="nowhere/figure.svg")
        self.refused(usual, "cannot be written", output="a.h5/figure.svg")
        (self.folder / "folder.svg").mkdir()
        code, said = self.run_plot(*usual, "-o", self.folder / "folder.svg")
        self.assertEqual(
            (code, said), (2, f"{self.folder / 'folder.svg'}: cannot be written: it is a directory\n")
        )
        os.mkfifo(self.folder / "pipe.svg")
        code, said = self.run_plot(*usual, "-o", self.folder / "pipe.svg")
        self.assertEqual(
            (code, said), (2, f"{self.folder / 'pipe.svg'}: cannot be written: it is not a file\n")
        )
        (self.folder / "link.svg").symlink_to("figure.svg")
        self.assertEqual(self.run_plot(*usual, "-o", self.folder / "link.svg")[0], 0)
        self.assertTrue((self.folder / "link.svg").is_symlink())
        self.assertTrue((self.folder / "figure.svg").is_file())

    def test_a_full_disk_leaves_the_old_figure_and_nothing_else(self):
        trace, output = self.trace(), self.folder / "figure.svg"
        output.write_text("the old one")
        with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
            code, said = self.run_plot(trace, "--x", "time", "--y", "loss", "-o", output)
        self.assertEqual((code, said), (2, f"{output}: cannot be written: No space left on device\n"))
        self.assertEqual(output.read_text(), "the old one")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a.h5", "figure.svg"])


class Files(WithPlot):
    def test_the_same_traces_give_the_same_bytes(self):
        trace = self.trace()
        for ending in ("svg", "pdf", "png"):
            outputs = [self.folder / f"{i}.{ending}" for i in range(2)]
            for output in outputs:
                self.assertEqual(
                    self.run_plot(trace, "--x", "bits,time", "--y", "loss", "-o", output), (0, "")
                )
            one, two = (output.read_bytes() for output in outputs)
            self.assertEqual(one, two, ending)
            self.assertNotIn(b"CreationDate", one)
            self.assertNotIn(b"dc:date", one)

    def test_a_long_trace_makes_a_small_file(self):
        t = np.arange(10000)
        noise = np.random.default_rng(1).uniform(1e-3, 1e-2, 10000)
        trace = self.trace(columns={"iteration": t, "time": t * 1.0, "grad_norm": noise})
        output = self.folder / "figure.svg"
        self.assertEqual(self.run_plot(trace, "--x", "iteration,time", "--y", "grad_norm", "-o", output), (0, ""))
        self.assertLess(output.stat().st_size, 50_000)

    def test_an_svg_is_well_formed_whatever_the_name(self):
        output = self.folder / "figure.svg"
        traces = [
            self.trace("a.h5", scenario=scenario('"--> ]]> \\x02 & <b> \\" é"')),
            self.trace(os.fsdecode(b"\xff.h5"), scenario=""),
        ]
        self.assertEqual(self.run_plot(*traces, "--x", "time", "--y", "loss", "-o", output), (0, ""))
        xml.dom.minidom.parse(str(output))

    def test_the_command_from_any_directory(self):
        trace = self.trace()
        with tempfile.TemporaryDirectory() as elsewhere:
            command = [sys.executable, str(ROOT / "analysis" / "plot.py")]
            made = subprocess.run(
                [*command, trace, "--x", "time", "--y", "loss", "-o", "figure.png"],
                cwd=elsewhere,
                capture_output=True,
                text=True,
            )
            self.assertEqual((made.returncode, made.stdout, made.stderr), (0, "", ""))
            self.assertEqual((Path(elsewhere) / "figure.png").read_bytes()[:4], b"\x89PNG")
            helped = subprocess.run([*command, "--help"], cwd=elsewhere, capture_output=True, text=True)
            self.assertEqual(helped.returncode, 0)
            self.assertIn("examples", helped.stdout)
            refused = subprocess.run(
                [*command, "no.h5", "--x", "time", "--y", "loss", "-o", "a.svg"],
                cwd=elsewhere,
                capture_output=True,
                text=True,
            )
            self.assertEqual((refused.returncode, refused.stderr), (2, "no.h5: no such file\n"))


class Sweeps(WithPlot):
    """Runs of a sweep: means over seeds, groups, panels, targets."""

    def test_runs_that_differ_in_the_seed_are_their_geometric_mean_with_a_band(self):
        folder = self.swept()
        axes = self.axes(folder, "--x", "time", "--y", "grad_norm", "--where", "network.bandwidth=unlimited,'1 Mbit/s'",
                         "--where", "algorithm=Eager", "--where", "network.bandwidth=unlimited")
        x, y = self.curve(axes)
        np.testing.assert_allclose(y, 6 ** (1 / 3) * 0.5 ** np.arange(21))
        (band,) = axes.collections
        low, high = band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()
        np.testing.assert_allclose([low, high], [0.5**20, 3])

    def test_on_a_linear_axis_it_is_the_arithmetic_mean(self):
        arguments = (self.swept(), "--x", "iteration", "--y", "test_accuracy", "--group", "algorithm", "--where",
                     "network.bandwidth=unlimited")
        axes = self.axes(*arguments, "--band", "std")
        np.testing.assert_allclose(self.curve(axes, 1)[1], 1 - 0.2 * 0.5 ** (np.arange(21) / 2))
        vertices = axes.collections[1].get_paths()[0].vertices
        np.testing.assert_allclose(vertices[:, 1].min(), 0.7)  # at the beginning: 0.8, and a deviation of 0.1
        self.assertEqual(self.axes(*arguments, "--band", "none").collections[:], [])

    def test_a_mean_ends_where_its_shortest_run_does(self):
        folder = self.swept(seeds=(1, 2))
        short = {name: column[:11] for name, column in metrics().items() if name in ("iteration", "grad_norm")}
        self.trace("swept/a.h5", short, scenario=scenario(seed=1))
        self.trace("swept/b.h5", {k: v[:6] for k, v in short.items()}, scenario=scenario(seed=2))
        axes = self.axes(folder / "a.h5", folder / "b.h5", "--x", "iteration", "--y", "grad_norm")
        np.testing.assert_array_equal(self.curve(axes)[0], [0, 2, 4, 6, 8, 10])
        self.assertIn("the mean ends where", self.said.getvalue())

    def test_a_panel_for_each_value(self):
        figure = self.figure(self.swept(), "--x", "time", "--y", "grad_norm", "--group", "algorithm", "--panel",
                             "network.bandwidth")
        self.assertEqual([axes.get_title() for axes in figure.axes],
                         ["bandwidth 100 kbit/s", "bandwidth 1 Mbit/s", "bandwidth unlimited"])
        self.assertEqual([len(axes.lines) for axes in figure.axes], [2, 2, 2])
        self.assertEqual(self.legend(figure), ["Eager", "Frugal"])

    def test_panels_of_a_parameter_have_one_kind_of_scale(self):
        # Only in the first do the runs end a decade apart; in the last, where nothing takes time, a log axis would be empty.
        for bandwidth, slowness in (("1 Mbit/s", (1, 20)), ("10 Mbit/s", (1, 2)), ("unlimited", (0, 0))):
            for kind, factor in zip(("dgd", "dadam"), slowness):
                columns = metrics(time=factor * np.arange(21.0))
                self.trace(f"{kind} {factor} {bandwidth[:2]}.h5", columns, scenario=scenario(kind=kind, bandwidth=bandwidth))
        figure = self.figure(self.folder, "--x", "time", "--y", "loss", "--group", "algorithm", "--panel", "network.bandwidth")
        self.assertEqual([axes.get_xscale() for axes in figure.axes], ["log", "log", "linear"])

    def test_a_target_is_a_line_and_a_table(self):
        code, output, said = self.run_main(plot.main, self.swept(), "--x", "time,bits", "--y", "grad_norm", "--group",
                                           "algorithm", "--where", "network.bandwidth=unlimited", "--target",
                                           "grad_norm=2e-6", "-o", self.folder / "figure.svg")
        self.assertEqual((code, said), (0, ""))
        self.assertRegex(output, r"(?m)^Eager +1 of 3 not reached +1 of 3 not reached$")
        axes = self.axes(self.swept(), "--x", "iteration", "--y", "grad_norm", "--where", "algorithm=Eager", "--target",
                         "grad_norm=0.25", "--where", "network.bandwidth=unlimited")
        self.assertTrue(any(list(line.get_ydata()) == [0.25, 0.25] for line in axes.lines))

    def test_mistakes(self):
        folder, figure = self.swept(), self.folder / "figure.svg"
        for arguments, said in (
            (["--where", "algorithm=DADAM"], "--where algorithm=DADAM: no run has algorithm DADAM; there are: Eager, Frugal"),
            (["--group", "algorthm"], "no run has a parameter 'algorthm'"),
            (["--panel", "network.latency"], "no run has a parameter 'network.latency'"),
            (["--target", "loss=1"], "--target loss: is not drawn"),
            (["--band", "sem"], "argument --band: invalid choice"),
        ):
            code, got = self.run_plot(folder, "--x", "time", "--y", "grad_norm", *arguments, "-o", figure)
            self.assertEqual(code, 2)
            self.assertRegex(got, r"\A[^\n]*\n\Z")
            self.assertIn(said, got)
        self.assertFalse(figure.exists())


if __name__ == "__main__":
    unittest.main()
