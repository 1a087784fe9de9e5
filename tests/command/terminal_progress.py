"""The progress that is drawn on a terminal."""

import os
import pty
import subprocess
import unittest

import h5py
from test_command import GOSSAMER
from test_fetch import RCV1, FetchTest


class Progress(FetchTest):
    def setUp(self):
        super().setUp()
        try:
            self.main, self.side = pty.openpty()
        except OSError as error:
            self.skipTest(f"there are no pseudo-terminals here: {error}")
        self.addCleanup(lambda: os.close(self.main) if self.main else None)

    def drawn_by(self, process):
        """What the process draws until it ends; it must have `side` for its standard error."""
        os.close(self.side)
        self.assertEqual(process.wait(10), 0)
        return os.read(self.main, 65536).decode()

    def test_of_a_run_is_wiped_away(self):
        drawn = self.drawn_by(subprocess.Popen([GOSSAMER, "run", "small.yaml", "--set", "stop.iterations=3000"],
                                               cwd=self.folder, stderr=self.side, stdout=subprocess.DEVNULL))
        self.assertRegex(drawn, r"\A\r\x1b\[K\[#*\.*\] +\d+ % \| iteration \d+ \| ")
        self.assertTrue(drawn.endswith("\r\x1b[K"))

    def test_a_terminal_that_closes_does_not_end_the_run(self):
        running = subprocess.Popen([GOSSAMER, "run", "small.yaml", "--set", "stop.iterations=200000"], cwd=self.folder,
                                   stderr=self.side, stdout=self.side)
        os.close(self.side)
        self.assertTrue(os.read(self.main, 100))  # The bar is drawn.
        os.close(self.main)
        self.main = None
        self.assertIsNone(running.poll())
        self.assertEqual(running.wait(60), 1)  # What it says in the end reaches nobody.
        with h5py.File(self.folder / "small.h5") as trace:
            self.assertEqual((trace.attrs["status"], trace["metrics/iteration"][-1]), ("complete", 200000))

    def test_of_fetching_is_wiped_away(self):
        drawn = self.drawn_by(self.start("rcv1", self.serve(RCV1), stderr=self.side, stdout=subprocess.DEVNULL))
        self.assertRegex(drawn, r"\A\r\x1b\[K\[#+\.*\] +\d+ % \| rcv1_test\.binary\.bz2 \| 0\.0 MB \| ")
        self.assertIn("checking data/rcv1/rcv1.bz2", drawn)
        self.assertTrue(drawn.endswith("\r\x1b[K"))


if __name__ == "__main__":
    unittest.main()
