import unittest
import xml.dom.minidom

from test_gossamer import WithCommand

from analysis import paper_figures

CLAIMS = """\
paper: A paper
for_each: {step: [1, 2]}
runs:
  step_$step: {scenario: small.yaml, set: {algorithm.step_size: $step}}
  best: {scenario: small.yaml, best_of: {over: {seed: [1, 2]}, metric: loss}}
claims:
  - {id: claim, says: It learns., measured_by: 'final(best, loss) < 1'}
figures:
  figure1:
    runs: [step_$step, best]
    draw: plot.py --x bits --y loss --title 'Two words'
  figure2: {runs: [best], draw: plot.py --x time --y loss}
"""


class WithFigures(WithCommand):
    def setUp(self):
        super().setUp()
        self.file = self.write("claims.yaml", CLAIMS)

    def draw(self, *arguments):
        rest = ("--traces", self.folder / "out", "--gossamer", self.command, "--jobs", "1")
        return self.run_main(paper_figures.main, self.file, *rest, *arguments)

    def figures(self):
        return sorted(path.name for path in self.folder.glob("*.svg"))


class Drawing(WithFigures):
    def test_each_lies_beside_its_file_and_is_made_of_the_runs_of_the_claims(self):
        code, output, _ = self.draw()
        self.assertEqual((code, output), (0, f"{self.folder}/figure1.svg\n{self.folder}/figure2.svg\n"))
        self.assertEqual(self.figures(), ["figure1.svg", "figure2.svg"])
        xml.dom.minidom.parse(str(self.folder / "figure1.svg"))
        self.assertEqual(len(self.calls()), 4)

    def test_again_no_run_is_made_and_the_bytes_are_the_same(self):
        self.draw()
        before = (self.folder / "figure1.svg").read_bytes()
        self.assertEqual(self.draw()[0], 0)
        self.assertEqual((self.folder / "figure1.svg").read_bytes(), before)
        self.assertEqual(len(self.calls()), 4)

    def test_only_some_elsewhere(self):
        (self.folder / "other").mkdir()
        code, output, _ = self.draw("--only", "figure2", "-o", self.folder / "other")
        self.assertEqual((code, output), (0, f"{self.folder}/other/figure2.svg\n"))
        self.assertEqual(self.figures(), [])
        self.assertEqual(len(self.calls()), 2)

    def test_a_run_that_fails(self):
        self.write("command/failure", "it broke\n")
        code, output, said = self.draw("--only", "figure2")
        self.assertEqual((code, output), (1, ""))
        self.assertEqual(said, f"{self.file}:12:33: figure 'figure2' is not drawn: it broke\n")
        self.assertEqual(self.figures(), [])

    def test_a_run_that_is_refused(self):
        self.write("command/refusal", "no such key\n")
        self.assertEqual(self.draw("--only", "figure2")[0], 2)

    def test_a_run_may_be_there_for_a_figure_alone(self):
        self.file.write_text(CLAIMS.replace("final(best,", "final(step_1,").replace("[best]", "[step_2]"))
        self.assertEqual(self.draw("--only", "figure2")[0], 0)


class Mistakes(WithFigures):
    def test_each_is_one_line_with_its_place_before_the_first_run(self):
        """The place is where the third text begins."""
        for old, new, at, message in (
            ("[best]", "[bset]", "bset", "unknown run 'bset'; did you mean 'best'? there are: step_1, step_2, best"),
            ("[best]", "best", "best, draw", "'runs' is 'best'; it takes a list, [a, b, ...]"),
            ("runs: [best]", "sweep: small.yaml", "small.yaml, draw", "small.yaml: has no sweep"),
            ("runs: [best], ", "", "{draw", "figure 'figure2' takes either 'runs' or 'sweep'"),
            ("runs: [best], ", "runs: [best], sweep: small.yaml, ", "{runs: [best]", "takes either 'runs' or 'sweep'"),
            (", draw: plot.py --x time --y loss", "", "{runs: [best]", "has no 'draw'; it takes draw"),
            ("draw: plot.py --x t", "drew: plot.py --x t", "drew", "unknown key 'drew'"),
            ("plot.py --x t", "plto.py --x t", "plto.py", "unknown command 'plto.py'; did you mean 'plot.py'?"),
            ("plot.py --x t", "plot.py --z t", "plot.py --z", "plot.py: the following arguments are required: --x"),
            ("--y loss}", "--y 'loss}", "plot.py --x time", "'draw' cannot be read: No closing quotation"),
            ("--x time --y loss", "--x time --y loss --band sem", "plot.py --x time", "invalid choice: 'sem'"),
            ("--x time --y loss", "--x time --y loss -o a.svg", "plot.py --x time", "'draw' takes no -o; the figure is figure"),
            ("--x time --y loss", "--help", "plot.py --help", "'draw' takes no --help"),
            ("--x time --y loss", "more.h5 --x time --y loss", "plot.py more.h5", "'draw' names the trace 'more.h5'"),
            ("figure2:", "figure/2:", "figure/2", "'figure/2' cannot name a figure; use letters, digits and _"),
            ("figure2:", "figure1:", "figure1: {runs", "duplicate key 'figure1'"),
            ("[step_$step, best]", "[step_1, best]\n  ", "step_$step", "no claim and no figure uses the run 'step_2'"),
        ):
            text = CLAIMS.replace(old, new)
            self.assertNotEqual(text, CLAIMS)
            self.file.write_text(text)
            before = text[: text.index(at)]
            place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
            code, output, said = self.draw()
            self.assertEqual((code, output, said.count("\n")), (2, "", 1), said)
            self.assertTrue(said.startswith(f"{self.file}:{place}: "), f"{place} {said}")
            self.assertIn(message, said)
            self.assertEqual((self.calls(), self.figures()), ([], []))

    def test_an_unknown_figure(self):
        code, _, said = self.draw("--only", "figure3")
        self.assertEqual(code, 2)
        self.assertEqual(
            said,
            "paper_figures.py: --only: unknown figure 'figure3'; did you mean 'figure2'? there are: figure1, figure2\n",
        )


if __name__ == "__main__":
    unittest.main()
