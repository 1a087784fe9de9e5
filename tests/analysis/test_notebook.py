import contextlib
import io
import json
import unittest
from pathlib import Path

import matplotlib
from traces_for_tests import GOSSAMER, WithFolder

NOTEBOOK = Path(__file__).resolve().parent.parent.parent / "analysis/sweep.ipynb"


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class Notebook(WithFolder):
    def test_its_cells_run_one_after_the_other(self):
        matplotlib.use("agg")
        import matplotlib.pyplot as plt

        cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
        self.assertTrue(all(cell["outputs"] == [] for cell in cells))
        names, output = {}, io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(output):
            for cell in cells:
                exec("".join(cell["source"]), names)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["out"])
        self.addCleanup(plt.close, "all")
        self.assertEqual(len(names["runs"]), 18)
        self.assertEqual([len(panel.lines) for panel in plt.gcf().axes], [3, 3])
        self.assertEqual(output.getvalue().count(" s to a loss of 0.9; "), 6)


if __name__ == "__main__":
    unittest.main()
