import re
import unittest
from pathlib import Path

from analysis import website
from analysis.papers import read_paper

ROOT = Path(__file__).resolve().parent.parent.parent


class Gallery(unittest.TestCase):
    def test_every_figure_stands_beside_the_command_that_makes_it(self):
        for page in (page for page in website.pages() if page.startswith("scenarios/")):
            for figure in website.figures(page):
                with self.subTest(page=page, figure=figure.file):
                    self.assertTrue(figure.commands)
                    self.assertTrue(any(Path(figure.file).stem in command for command in figure.commands))
                    self.assertTrue((ROOT / page).parent.joinpath(figure.file).is_file())

    def test_every_figure_of_the_scenarios_is_shown(self):
        shown = {(ROOT / page).parent / figure.file for page in website.pages() for figure in website.figures(page)}
        self.assertEqual({path for path in (ROOT / "scenarios").rglob("*.svg")} - shown, set())

    def test_every_figure_of_a_paper_is_kept(self):
        papers = [read_paper(path) for path in (ROOT / "scenarios").glob("*/claims.yaml")]
        figures = [paper.path.with_name(f"{name}.svg") for paper in papers for name in paper.figures]
        self.assertGreater(len(figures), 20)
        self.assertEqual([figure for figure in figures if not figure.is_file()], [])

    def test_the_gallery_has_each_figure_of_the_scenarios_once(self):
        text = website.gallery()
        for path in (ROOT / "scenarios").rglob("*.svg"):
            self.assertEqual(text.count(f"]({path.relative_to(ROOT)})"), 1, path)
        self.assertIn("draws this figure.*\n\n    ./dev quickstart\n", text)

    def test_a_sweep_comes_before_what_is_drawn_of_it(self):
        (figure,) = (f for f in website.figures("scenarios/sweeps/README.md") if f.file == "latency.svg")
        self.assertEqual([command.split()[:2] for command in figure.commands],
                         [["gossamer", "sweep"], ["analysis/winners.py", "out/latency"]])


class Links(unittest.TestCase):
    def test_what_names_another_document_leads_there(self):
        for page, text, linked in (
            ("README.md", "see `sim/README.md`", "see [`sim/README.md`](sim/README.md)"),
            ("scenarios/wan/README.md", "`../stragglers`", "[`../stragglers`](../stragglers/README.md)"),
            ("sim/README.md", "`scenarios/wan/`", "[`scenarios/wan/`](../scenarios/wan/README.md)"),
            ("README.md", "`README.md`, `gossamer`, `nobody/README.md`", "`README.md`, `gossamer`, `nobody/README.md`"),
            ("README.md", "    cat `sim/README.md`", "    cat `sim/README.md`"),
            ("README.md", "```\n`sim/README.md`\n```", "```\n`sim/README.md`\n```"),
        ):
            self.assertEqual(website.with_links(page, text), linked)

    def test_every_link_of_a_document_leads_somewhere(self):
        for page in website.pages():
            for file in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text()):
                self.assertTrue((ROOT / page).parent.joinpath(file).exists(), f"{page}: {file}")


if __name__ == "__main__":
    unittest.main()
