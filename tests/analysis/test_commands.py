"""Every command can be run as a file and as a module, from any folder."""

import subprocess
import sys
import tempfile
import unittest

from traces_for_tests import ROOT

COMMANDS = sorted(path.stem for path in (ROOT / "analysis").glob("*.py") if path.read_text().startswith("#!"))


class Commands(unittest.TestCase):
    def helped(self, *command, folder):
        done = subprocess.run([*map(str, command), "--help"], cwd=folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("usage: ", done.stdout)

    def test_as_a_file_from_any_folder(self):
        self.assertIn("plot", COMMANDS)
        with tempfile.TemporaryDirectory() as elsewhere:
            for name in COMMANDS:
                with self.subTest(name):
                    self.helped(sys.executable, ROOT / "analysis" / f"{name}.py", folder=elsewhere)

    def test_as_a_module(self):
        for folder, name in ((ROOT, "analysis.plot"), (ROOT / "analysis", "plot")):
            self.helped(sys.executable, "-m", name, folder=folder)

    def test_no_module_hides_one_of_python(self):
        """For a moment, a command run as a file finds the modules beside it under their short names."""
        names = {path.stem for path in (ROOT / "analysis").glob("*.py")}
        self.assertEqual(names & set(sys.stdlib_module_names), set())

    def test_the_package_from_its_own_folder(self):
        done = subprocess.run([sys.executable, "-c", "from analysis import load; print(load.__module__)"],
                              cwd=ROOT / "analysis", capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ("analysis.runs\n", ""))


if __name__ == "__main__":
    unittest.main()
