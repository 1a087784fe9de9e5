import unittest

import h5py
import numpy as np
from traces_for_tests import MEANINGS, WithFolder, say_meaning, scenario

from analysis import time_split
from analysis.runs import chosen_runs, finished


class TimeSplit(WithFolder):
    def split_trace(self, file, time, compute_time, **settings):
        """Ten iterations that end at `time`; each node has computed for so long by then."""
        path = self.trace(file, {"iteration": [0, 10], "time": [0.0, time]}, scenario=scenario(**settings))
        if compute_time is not None:
            with h5py.File(path, "r+") as h5:
                h5["nodes/compute_time"] = np.array([np.zeros(len(compute_time)), compute_time])
                say_meaning(h5["nodes/compute_time"], *MEANINGS["compute_time"])
        return path

    def axes(self, *arguments):
        options = time_split.read_options([*map(str, arguments), "-o", str(self.folder / "figure.svg")])
        return time_split.draw(finished("time_split.py", chosen_runs(options)), options).axes

    def test_bars_are_what_an_iteration_takes_over_nodes_and_seeds(self):
        self.split_trace("a.h5", 4.0, [1.0, 2.0], seed=1)
        self.split_trace("b.h5", 6.0, [2.0, 3.0], seed=2)
        self.split_trace("c.h5", 1.0, [1.0, 1.0], kind="dadam")
        (axes,) = self.axes(self.folder, "--bars", "algorithm")
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["dgd", "dadam"])
        below, above = axes.containers
        np.testing.assert_allclose([bar.get_width() for bar in below], [300, 0])  # ms
        np.testing.assert_allclose([bar.get_width() for bar in above], [200, 100])
        np.testing.assert_allclose([bar.get_x() for bar in above], [300, 0])
        self.assertEqual(axes.get_xlabel(), "time of an iteration (ms)")
        self.assertEqual([text.get_text() for text in axes.texts], ["−80.0 %"])

    def test_panels_have_scales_of_their_own(self):
        self.split_trace("a.h5", 4.0, [1.0], bandwidth="1 Mbit/s")
        self.split_trace("b.h5", 400.0, [1.0], bandwidth="1 kbit/s")
        slow, fast = self.axes(self.folder, "--bars", "algorithm", "--panel", "network.bandwidth")
        self.assertEqual((slow.get_title(), slow.get_xlabel()), ("bandwidth 1 kbit/s", "time of an iteration (s)"))
        self.assertEqual((fast.get_title(), fast.get_xlabel()), ("bandwidth 1 Mbit/s", "time of an iteration (ms)"))

    def test_no_time_at_all(self):
        self.split_trace("a.h5", 0.0, [0.0])
        (axes,) = self.axes(self.folder, "--bars", "algorithm")
        self.assertEqual([bar.get_width() for bar in axes.patches], [0, 0])

    def test_mistakes(self):
        self.split_trace("nodes/a.h5", 1.0, None)
        self.trace("none/a.h5", {"iteration": [0], "time": [0.0]})
        for arguments, said in (
            (["nodes", "--bars", "algorithm"], "has no /nodes/compute_time; run it with record.nodes: true"),
            (["none", "--bars", "algorithm"], "has no iterations"),
            (["nodes", "--bars", "algorithm", "--panel", "algorithm"], "already tells the bars apart"),
            (["nodes", "--bars", "algorithms"], "no run has a parameter 'algorithms'"),
        ):
            arguments[0] = self.folder / arguments[0]
            code, output, got = self.run_main(time_split.main, *arguments, "-o", self.folder / "figure.svg")
            self.assertEqual((code, output), (2, ""))
            self.assertIn(said, got.splitlines()[-1])
        self.assertFalse((self.folder / "figure.svg").exists())


if __name__ == "__main__":
    unittest.main()
