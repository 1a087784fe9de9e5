"""A sweep that is disturbed a thousand times, at random instants, ends as one that is not: same index, same metrics."""

import os
import random
import resource
import signal
import subprocess
import time
import unittest

from faults_of_the_system import environment_with
from test_command import GOSSAMER, SANITIZED, CommandTest
from test_sweep import MANY

TIMES = int(os.environ.get("DISTURBANCES", "1000"))


class Disturbed(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("many.yaml", MANY)
        self.chance = random.Random(7)
        self.said = []

    def contents(self, folder):
        return {path.name: path.read_bytes() for path in (self.folder / folder).iterdir()
                if path.name not in (".lock", "log") and not path.name.endswith(".damaged")}

    def start(self, folder, **options):
        fewer = ["--set", f"sweep.seed={list(range(30))}", "--set", "sweep.network.latency=~", "--set", "stop.iterations=200"]
        command = [GOSSAMER, "sweep", "many.yaml", "-o", folder, *fewer]
        return subprocess.Popen(command, cwd=self.folder, **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})

    def ended(self, process, within):
        """Waits for a random part of that time, then kills."""
        time.sleep(self.chance.random() * within)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def kill(self):
        self.ended(self.start("out"), 0.1)

    def close_terminal(self):
        """Standard error is a pseudo-terminal that is closed on the other side while the bar is drawn."""
        ours, theirs = os.openpty()
        process = self.start("out", stderr=theirs)
        os.close(theirs)
        time.sleep(self.chance.random() * 0.1)
        os.close(ours)
        self.assertEqual(process.wait(60), 0)

    def fill_disk(self):
        """As good as a full disk: no file can grow beyond a random size."""
        size = self.chance.randrange(100, 60_000)
        process = self.start("out", stderr=subprocess.PIPE, text=True,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        said = process.communicate(timeout=60)[1]
        self.assertIn(process.returncode, (0, 1))
        if process.returncode == 1:
            # A trace may have been cut off before.
            damaged = r"([^\n]*: is damaged: [^\n]*; it is made again, and kept as [^\n]*\.damaged\n)*"
            self.assertRegex(said, rf"\A{damaged}[^\n]*cannot be written: File too large\n\Z")

    def lose_locks(self):
        """Two sweeps at once on a file system without locks; one of them is killed."""
        both = [self.start("out", env=environment_with(NO_LOCKS=1), stderr=subprocess.PIPE) for _ in range(2)]
        with both[1].stderr, both[0].stderr:
            self.ended(both[0], 0.1)
            said = both[1].communicate(timeout=60)[1]
            self.assertEqual(both[1].returncode, 0, said)

    def cut_off(self):
        """A trace loses its end, as when a machine loses power without having written what it had promised."""
        traces = sorted((self.folder / "out").glob("*.h5")) if (self.folder / "out").exists() else []
        if traces:
            trace = self.chance.choice(traces)
            os.truncate(trace, self.chance.randrange(trace.stat().st_size))

    def lose_traces(self):
        """So that there is work left to be disturbed."""
        for trace in sorted((self.folder / "out").glob("*.h5*")) if (self.folder / "out").exists() else []:
            if self.chance.random() < 0.7:
                trace.unlink()

    def test_a_thousand_disturbances(self):
        self.assertEqual(self.start("whole").wait(60), 0)
        whole = self.contents("whole")
        ways = [self.kill, self.kill, self.close_terminal, self.fill_disk, self.cut_off]
        ways += [] if SANITIZED else [self.lose_locks]  # Sanitizers want to be loaded first.
        for time_number in range(TIMES):
            self.lose_traces()
            self.chance.choice(ways)()
            if time_number % 10 == 9:
                self.assertEqual(self.start("out").wait(60), 0)
                self.assertEqual(self.contents("out"), whole)


if __name__ == "__main__":
    unittest.main()
