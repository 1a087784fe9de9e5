"""Random scenarios on random networks: `check` and `run` agree on which are valid, and threads change nothing."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import random_networks

GOSSAMER = os.environ["GOSSAMER"]
COUNT = 100  # Each algorithm four times.


class RandomNetworks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def gossamer(self, *arguments):
        return subprocess.run([GOSSAMER, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def test_a_number_gives_the_same_scenario(self):
        drawn = [random_networks.draw(number) for number in range(COUNT)]
        self.assertEqual(drawn, [random_networks.draw(number) for number in range(COUNT)])
        self.assertEqual(len(set(drawn)), COUNT)

    def test_check_and_run_agree_and_threads_change_nothing(self):
        done = failed = refused = 0
        for number in range(COUNT):
            text = random_networks.draw(number)
            (self.folder / "a.yaml").write_text(text)
            with self.subTest(number=number, scenario=text):
                checked = self.gossamer("check", "a.yaml")
                runs = [self.gossamer("run", "a.yaml", "-o", f"{threads}.h5", "--threads", f"{threads}", "--quiet")
                        for threads in (1, 2)]
                self.assertEqual([run.returncode for run in runs], 2 * [runs[0].returncode])
                self.assertIn(runs[0].returncode, (0, 1, 2))
                self.assertEqual(runs[0].returncode == 2, checked.returncode == 2, checked.stderr + runs[0].stderr)
                self.assertEqual(runs[0].stderr.replace("1.h5", "2.h5"), runs[1].stderr)
                if runs[0].returncode == 2:
                    self.assertEqual(runs[0].stderr, checked.stderr)
                    refused += 1
                    continue
                traces = [(self.folder / f"{threads}.h5").read_bytes() for threads in (1, 2)]
                self.assertEqual(traces[0], traces[1])
                done += runs[0].returncode == 0
                failed += runs[0].returncode == 1
        self.assertGreater(done, 0.6 * COUNT)
        self.assertGreater(failed, 0)  # Where a message is lost for ever.
        self.assertGreater(refused, 0)


if __name__ == "__main__":
    unittest.main()
