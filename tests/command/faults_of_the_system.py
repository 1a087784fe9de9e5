"""What a system can do to a run: file systems without locks, disks that are full for a moment, servers that drip."""

import contextlib
import os
import socketserver
import subprocess
import tempfile
import threading
import time
import unittest
from functools import lru_cache
from pathlib import Path

import h5py
from test_command import GOSSAMER, SANITIZED, SMALL
from test_fetch import RCV1, FetchTest

FOLDER = tempfile.TemporaryDirectory()


@lru_cache
def preloaded():
    """The path of faults.c, compiled."""
    library = f"{FOLDER.name}/faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


def environment_with(**faults):
    return {**os.environ, "LD_PRELOAD": preloaded(), **{name: str(value) for name, value in faults.items()}}


@unittest.skipIf(SANITIZED, "sanitizers want to be loaded first")
class WithFaults(FetchTest):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SMALL + "sweep: {seed: [1, 2, 3]}\n")

    def start(self, *arguments, **faults):
        return subprocess.Popen([GOSSAMER, *arguments], cwd=self.folder, env=environment_with(**faults), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ends_well(self, process):
        said, complaints = process.communicate(timeout=60)
        self.assertEqual((process.returncode, complaints), (0, ""))
        return said

    def contents(self, folder):
        return {path.name: path.read_bytes() for path in (self.folder / folder).iterdir() if path.name != ".lock"}


class NoLocks(WithFaults):
    def there(self, *arguments):
        return self.ends_well(self.start(*arguments, NO_LOCKS=1))

    def test_runs_sweeps_and_figures(self):
        self.assertIn("small.h5: complete", self.there("run", "small.yaml"))
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "-o", "whole"))
        self.assertIn("3 done (0 diverged), 0 failed, 0 there before; 3 traces", self.there("sweep", "sweep.yaml"))
        self.assertIn("0 done (0 diverged), 0 failed, 3 there before; 3 traces", self.there("sweep", "sweep.yaml"))
        self.assertEqual(self.contents("sweep"), self.contents("whole"))
        for tool in (["table.py", "sweep", "--rows", "topology.kind", "--values", "loss"],
                     ["plot.py", "small.h5", "--x", "iteration", "--y", "loss", "-o", "loss.svg"]):
            self.assert_done(self.tool(*tool, env=environment_with(NO_LOCKS=1)))
        self.assertIn("loss.svg", self.files())

    def test_two_sweeps_at_once(self):
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "-o", "whole"))
        both = [self.start("sweep", "sweep.yaml", NO_LOCKS=1) for _ in range(2)]
        for process in both:
            self.assertIn("3 traces", self.ends_well(process))
        self.assertEqual(self.contents("sweep"), self.contents("whole"))

    def test_what_another_process_is_writing_stays(self):
        being_written = f"sweep/.seed=1.h5.{os.getpid()}.tmp"
        self.write(being_written, "begun")
        self.there("sweep", "sweep.yaml")
        self.assertEqual((self.folder / being_written).read_text(), "begun")
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "--fresh"))  # With locks, nobody can be writing it.
        self.assertFalse((self.folder / being_written).exists())

    def test_fetching(self):
        self.assertIn("unverified", self.assert_done(self.fetch("rcv1", self.serve(RCV1), env={**environment_with(NO_LOCKS=1), "no_proxy": "*"})))
        self.assert_rcv1_is_there()


class FullForAMoment(WithFaults):
    def test_the_end_of_a_run_waits_for_room(self):
        self.assert_done(self.run_small("-o", "whole.h5"))
        self.ends_well(self.start("run", "small.yaml", DISK_FULL=9, CLOCK=20))
        self.assertEqual((self.folder / "small.h5").read_bytes(), (self.folder / "whole.h5").read_bytes())
        self.assertEqual(self.files(), ["small.h5", "small.yaml", "sweep.yaml", "whole.h5"])

    def test_but_not_for_ever(self):
        process = self.start("run", "small.yaml", DISK_FULL=1000, CLOCK=20)
        self.assertEqual(process.communicate(timeout=60), ("", "small.h5: cannot be flushed to disk: No space left on device\n"))
        self.assertEqual((process.returncode, self.files()), (1, ["small.yaml", "sweep.yaml"]))


class Snapshots(WithFaults):
    """A long run, whose snapshots every 20 s come after a moment here."""

    LONG = ["run", "small.yaml", "--set", "stop.iterations=1000000000", "--set", "record.every=1000"]

    def begin(self, **faults):
        running = self.start(*self.LONG, **faults)
        self.addCleanup(running.communicate)
        self.addCleanup(running.kill)
        return running

    def until(self, what):
        for _ in range(1000):
            if what():
                return
            time.sleep(0.01)
        self.fail("nothing happened")

    def status(self):
        with contextlib.suppress(OSError), h5py.File(self.folder / "small.h5", locking=False) as trace:
            return trace.attrs["status"]

    def test_one_that_cannot_be_written_does_not_end_the_run(self):
        self.begin(DISK_FULL=9, CLOCK=400)
        self.until(lambda: self.status() == "partial")

    def test_they_do_not_replace_what_another_process_has_written(self):
        self.assert_done(self.run_small("-o", "other.h5"))
        other = (self.folder / "other.h5").read_bytes()
        running = self.begin(CLOCK=40)
        self.until(lambda: self.status() == "partial")
        (self.folder / "other.h5").rename(self.folder / "small.h5")
        time.sleep(1.2)  # Two snapshots.
        self.assertIsNone(running.poll())
        self.assertEqual((self.folder / "small.h5").read_bytes(), other)


class Dripping(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # The other side has left.
            self.request.sendall(self.server.begins)
            while True:
                self.request.sendall(10 * b"x")
                time.sleep(0.01)


class Servers(WithFaults):
    def test_one_that_drips_is_given_up(self):
        """Ten bytes a second of the file, or of its header: time runs a hundred times as fast."""
        for begins, pattern in (
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", r"broke off after \d+ bytes: Operation too slow\. .*; the same command"),
            (b"HTTP/1.1 200 OK\r\nX-Endless: ", "cannot be fetched: Operation too slow"),
        ):
            with self.subTest(begins), socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
                server.daemon_threads, server.begins = True, begins
                threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
                url = f"http://127.0.0.1:{server.server_address[1]}"
                done = self.gossamer("datasets", "fetch", "w8a", "--data", "data", "--from", url,
                                     env={**environment_with(CLOCK=100), "no_proxy": "*"}, timeout=20)
                server.shutdown()
                self.assert_refused(done, rf"{url}/w8a: {pattern}", code=1)


if __name__ == "__main__":
    unittest.main()
