"""`cmake --install` leaves a command, an analysis and documents that work where they are."""

import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from test_command import GOSSAMER, SMALL, SOURCE, CommandTest


class Install(CommandTest):
    def setUp(self):
        super().setUp()
        build = Path(GOSSAMER).resolve().parent
        self.prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", build, "--prefix", self.prefix], check=True, capture_output=True)
        self.share = self.prefix / "share" / "gossamer"

    def call(self, *arguments):
        """Without what the build tree or the environment could give."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "GOSSAMER_DATA": ""}
        done = subprocess.run(arguments, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120)
        return self.assert_done(done)

    def test_what_is_installed_works(self):
        command = self.prefix / "bin" / "gossamer"
        self.assertIn(": ok: ", self.call(command, "check",
                                       self.share / "scenarios/decentralized_amsgrad/counterexample_dgd.yaml"))
        self.call(command, "run", "small.yaml", "--quiet")
        self.call(self.share / "analysis" / "plot.py", "small.h5", "--x", "time", "--y", "loss", "-o", "figure.svg")
        self.assertIn(b"<svg", (self.folder / "figure.svg").read_bytes())
        best = self.call(self.share / "analysis" / "best.py", "small.yaml", "--over", "algorithm.step_size=0.1,0.2",
                         "--metric", "loss", "--set", "stop.iterations=5", "seed=2")
        self.assertIn("0.2", best)
        self.call("/usr/bin/python3", "-c", f"import sys; sys.path.append('{self.share}'); from analysis import load; load('small.h5')")

    def test_the_notebook_finds_the_installed_command(self):
        notebook = json.loads((self.share / "analysis" / "sweep.ipynb").read_text())
        first = next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
        self.write("first.py", f"import os\nos.chdir('{self.share}/analysis')\n{first}\nprint(GOSSAMER)\n")
        found = self.call("/usr/bin/python3", "first.py")
        self.assertEqual(found, f"{self.prefix}/bin/gossamer\n")

    def test_models_find_the_client(self):
        """As beside the build tree, but from the installation."""
        self.assertTrue((self.share / "python" / "gossamer_model.py").is_file())
        self.write("model.py", "import gossamer_model, sys\nsys.exit(gossamer_model.__file__)\n")
        scenario = SMALL.replace(SMALL.splitlines()[3], "problem: {kind: process, command: [/usr/bin/python3, model.py]}")
        self.write("model.yaml", scenario)
        done = subprocess.run([self.prefix / "bin" / "gossamer", "run", "model.yaml", "--quiet"], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertIn(str(self.share / "python"), done.stderr)

    def test_documents(self):
        self.assertEqual((self.share / "scenario.schema.json").read_text(), self.assert_done(self.gossamer("schema")))
        completion = self.prefix / "share" / "bash-completion" / "completions" / "gossamer"
        self.assertEqual(completion.read_text(), self.assert_done(self.gossamer("completion", "bash")))
        for document in ("scenarios/README.md", "analysis/README.md"):
            self.assertEqual((self.share / document).read_text(), (SOURCE / document).read_text())
        self.assertFalse((self.share / "scenarios" / "lab").exists())
        self.assertFalse(list(self.share.glob("**/__pycache__")))
        page = self.prefix / "share" / "man" / "man1" / "gossamer.1"
        if shutil.which("man"):
            done = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("gossamer sweep", done.stdout)


if __name__ == "__main__":
    unittest.main()
