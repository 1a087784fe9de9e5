import contextlib
import io
import math
import unittest

from traces_for_tests import WithFolder

from analysis import winners
from analysis.runs import chosen_runs


class Map(WithFolder):
    def setUp(self):
        super().setUp()
        self.swept("ring", topology="ring")
        self.swept("torus", topology="torus")
        self.files = [*sorted((self.folder / "ring").iterdir()), *sorted((self.folder / "torus").iterdir())]
        self.given = [*self.files, "--x", "network.bandwidth", "--y", "topology"]
        self.figure = self.folder / "map.svg"

    def winners(self, *arguments):
        options = winners.read_options([*map(str, arguments), "-o", str(self.figure)])
        with contextlib.redirect_stderr(io.StringIO()) as said:
            found = winners.winners(chosen_runs(options), options)
        self.said = said.getvalue()
        return found

    def test_who_is_first_and_by_how_much(self):
        # Seeds 1, 2, 3 need 4, 5, 5 iterations of Eager, 7, 9, 10 of Frugal.
        won = self.winners(*self.given, "--target", "grad_norm=0.1")
        self.assertEqual([(cell, win.who) for cell, win in won.items() if cell[1] == "ring"],
                         [(("100 kbit/s", "ring"), "Frugal"), (("1 Mbit/s", "ring"), "Eager"), (("unlimited", "ring"), "Eager")])
        self.assertAlmostEqual(won["100 kbit/s", "torus"].lead, 14 * 1.1 / (26 * 0.2))
        self.assertAlmostEqual(won["unlimited", "torus"].lead, 26 / 14)

    def test_by_bits(self):
        won = self.winners(*self.given, "--target", "grad_norm=0.1", "--by", "bits")
        self.assertEqual({win.who for win in won.values()}, {"Frugal"})

    def test_all_seeds_have_to_get_there(self):
        won = self.winners(*self.given, "--target", "grad_norm=2.5e-6")  # Eager alone: 3 * 2^-20 = 2.9e-6 is not there
        self.assertEqual(won, {})
        won = self.winners(*self.given, "--target", "grad_norm=3e-6")
        self.assertEqual({(win.who, math.isinf(win.lead)) for win in won.values()}, {("Eager", True)})
        self.assertEqual(self.said, "winners.py: note: in no cell do all seeds of these reach the target: Frugal\n")

    def test_the_figure_and_the_table(self):
        code, output, said = self.run_main(winners.main, *self.given, "--target", "grad_norm=0.1", "-o", self.figure)
        self.assertEqual((code, said), (0, ""))
        self.assertRegex(output, r"(?m)^torus +Frugal 3× +Eager 1.02× +Eager 1.86×$")
        before = self.figure.read_bytes()
        self.run_main(winners.main, *self.given, "--target", "grad_norm=0.1", "-o", self.figure)
        self.assertEqual(self.figure.read_bytes(), before)

    def test_cells_are_drawn(self):
        options = winners.read_options([*map(str, self.given), "--target", "grad_norm=3e-6", "-o", str(self.figure),
                                        "--where", "algorithm=Frugal"])
        runs = chosen_runs(options)
        with contextlib.redirect_stderr(io.StringIO()):
            won = winners.winners(runs, options)
        figure = winners.draw(won, runs, options)
        (axes,) = figure.axes
        self.assertEqual([text.get_text() for text in axes.texts], ["–"] * 6)
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["100 kbit/s", "1 Mbit/s", "unlimited"])

    def test_who_has_no_run_or_fewer_is_named(self):
        (self.folder / "ring/bandwidth=unlimited,algorithm=Eager,seed=3.h5").unlink()
        for seed in (1, 2, 3):
            (self.folder / f"torus/bandwidth=1_Mbit_s,algorithm=Frugal,seed={seed}.h5").unlink()
        files = [path for path in self.files if path.exists()]
        won = self.winners(*files, "--x", "network.bandwidth", "--y", "topology", "--target", "grad_norm=0.1")
        self.assertEqual(str(won["1 Mbit/s", "torus"]), "Eager alone")
        self.assertIn("note: some cells lack runs: Frugal at 1 Mbit/s, torus; with all runs the map may change\n", self.said)
        self.assertIn("note: some cells have fewer runs than others: Eager at unlimited, ring; with all runs the map may change\n", self.said)

    def test_a_tie(self):
        won = self.winners(*self.given, "--of", "seed", "--target", "grad_norm=0.1", "--where", "algorithm=Eager", "--where",
                           "seed=2,3")
        self.assertEqual({str(win) for win in won.values()}, {"2 tie"})

    def test_mistakes(self):
        for arguments, said in (
            (["--x", "topology", "--y", "topology", "--target", "grad_norm=1"], "three different parameters"),
            (["--x", "topology", "--y", "network.latency", "--target", "grad_norm=1"], "no run has a parameter 'network.latency'"),
            (["--x", "topology", "--y", "network.bandwidth", "--target", "grad_norm=1", "--by", "loss"], "not something that a run spends"),
            (["--x", "topology", "--y", "network.bandwidth", "--target", "gradnorm=1"], "has no metric 'gradnorm'"),
        ):
            code, output, got = self.run_main(winners.main, *self.files, *arguments, "-o", self.figure)
            self.assertEqual((code, output), (2, ""))
            self.assertRegex(got, rf"\A[^\n]*{said}[^\n]*\n\Z")
        self.assertFalse(self.figure.exists())


if __name__ == "__main__":
    unittest.main()
