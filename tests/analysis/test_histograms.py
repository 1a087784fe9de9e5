import unittest

import h5py
import numpy as np
from traces_for_tests import WithFolder

from analysis import histograms


class Histograms(WithFolder):
    """Three rows of a server and two workers, whose vectors have layers of 3 and 7 coordinates; row 0 has none."""

    def setUp(self):
        super().setUp()
        self.path = self.trace("a.h5", {"iteration": [0, 10, 20]})
        self.vectors = np.random.default_rng(1).standard_normal((3, 3, 10))
        self.vectors[0] = self.vectors[:, 2] = np.nan
        with h5py.File(self.path, "r+") as h5:
            h5["vectors/gradient"] = self.vectors
            h5["layers"] = np.array([3, 7])

    def read(self, *arguments):
        options = histograms.read_options([str(self.path), "--vector", "gradient", *arguments, "-o", str(self.folder / "h.svg")])
        return histograms.layers_of(histograms.chosen_runs(options), options), options

    def test_layers(self):
        (all_of_it,), _ = self.read()
        np.testing.assert_array_equal(all_of_it.iterations, [10, 20])
        np.testing.assert_array_equal(all_of_it.values, self.vectors[1:, :2].reshape(2, 20))
        (second, first), _ = self.read("--layers", "1,0")
        np.testing.assert_array_equal(first.values, self.vectors[1:, :2, :3].reshape(2, 6))
        np.testing.assert_array_equal(second.values, self.vectors[1:, :2, 3:].reshape(2, 14))
        self.assertEqual(second.name, "layer 1, 7 coordinates")

    def test_each_row_is_a_histogram_as_high_as_its_highest_bin(self):
        with h5py.File(self.path, "r+") as h5:
            h5["vectors/gradient"][2, :2] = 0.25
        panels, options = self.read()
        (axes,) = histograms.draw(panels, options).axes
        above, below = axes.lines  # The last row is drawn first.
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["10", "20"])
        heights = above.get_ydata() - 1
        self.assertEqual(np.count_nonzero(heights), 1)
        self.assertAlmostEqual(heights.max(), histograms.OVERLAP)
        self.assertLess(abs(above.get_xdata()[heights.argmax()] - 0.25), above.get_xdata()[1] - above.get_xdata()[0])
        heights = below.get_ydata()
        self.assertAlmostEqual(heights.max(), histograms.OVERLAP)
        self.assertAlmostEqual(below.get_xdata()[0], -below.get_xdata()[-1])

    def test_few_of_many_rows(self):
        with h5py.File(self.path, "r+") as h5:
            del h5["vectors/gradient"]
            h5["vectors/gradient"] = np.zeros((50, 1, 10))
            for name in list(h5["metrics"]):
                del h5[f"metrics/{name}"]
            h5["metrics/iteration"] = np.arange(50.0)
        code, output, said = self.run_main(histograms.main, self.path, "--vector", "gradient", "-o", self.folder / "h.svg")
        self.assertEqual((code, output, said), (0, "", "histograms.py: note: 12 of 50 rows are drawn\n"))

    def test_mistakes(self):
        bare = self.trace("bare/a.h5", {"iteration": [0]})
        self.trace("two/a.h5", {"iteration": [0]})
        self.trace("two/b.h5", {"iteration": [0]})
        for path, arguments, said in (
            (self.path, ["--vector", "v"], "has no /vectors/v; there are: gradient"),
            (bare, ["--vector", "v"], "has no /vectors/v; there are: none; run it with record.vectors"),
            (self.path, ["--vector", "gradient", "--layers", "2"], "--layers 2: .* has layers 0 to 1"),
            (self.path, ["--vector", "gradient", "--layers", "-1"], "--layers"),
            (self.path, ["--vector", "gradient", "--layers", "1,x"], "--layers 1,x: it takes 1 to 6 numbers from 0"),
            (self.folder / "two", ["--vector", "gradient"], "there are 2 runs; it draws one; choose it with --where"),
        ):
            code, output, got = self.run_main(histograms.main, path, *arguments, "-o", self.folder / "h.svg")
            self.assertEqual((code, output), (2, ""))
            self.assertRegex(got, said)
        with h5py.File(self.path, "r+") as h5:
            h5["layers"][0] = 4
        code, _, got = self.run_main(
            histograms.main, self.path, "--vector", "gradient", "--layers", "0", "-o", self.folder / "h.svg"
        )
        self.assertEqual(code, 2)
        self.assertRegex(got, "/layers are not the sizes of layers that have 10 coordinates together")


if __name__ == "__main__":
    unittest.main()
