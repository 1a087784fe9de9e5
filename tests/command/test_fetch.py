"""Fetches data sets from servers on this machine: ones that can continue, ones that cannot, and bad ones."""

import bz2
import hashlib
import os
import re
import resource
import signal
import subprocess
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from test_command import GOSSAMER, CommandTest

TRAIN = b"".join(b"%d 1:%d 3:0.25\n" % (row % 2, row * 7919 % 10007) for row in range(3000))
TEST = b"1 2:0.5\n0 1:1\n"
RCV1 = {"rcv1_train.binary.bz2": bz2.compress(TRAIN), "rcv1_test.binary.bz2": bz2.compress(TEST)}
HALF = len(RCV1["rcv1_train.binary.bz2"]) // 2


class Server(ThreadingHTTPServer):
    """Serves the bytes of `files`; (path, Range) of each request are in `requests`."""

    def __init__(self, files, ranges=True):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.ranges, self.requests = files, ranges, []
        self.breaks_off_at = None  # How many bytes of a file are sent before the connection is closed.
        self.hangs = threading.Event()
        self.hangs.set()  # While it is clear, the connection is not even closed.
        self.url = f"http://127.0.0.1:{self.server_port}/folder"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers["Range"]
        server.requests.append((self.path.removeprefix("/folder/"), wanted))
        content = server.files.get(self.path.removeprefix("/folder/"))
        if content is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and server.ranges else 0
        if start >= len(content) > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if wanted and server.ranges else 200)
        if wanted and server.ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:server.breaks_off_at])
        self.wfile.flush()
        server.hangs.wait(30)

    def log_message(self, *_):
        pass


class FetchTest(CommandTest):
    def serve(self, files, **options):
        server = Server(files, **options)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

        def stop():
            server.hangs.set()
            server.shutdown()
            thread.join()
            server.server_close()

        self.addCleanup(stop)
        return server

    def environment(self, **changes):
        return {**os.environ, "HOME": str(self.folder), "GOSSAMER_DATA": "", "no_proxy": "*", **changes}

    def fetch(self, name, server, *arguments, **options):
        options.setdefault("env", self.environment())
        return self.gossamer("datasets", "fetch", name, "--data", "data", "--from", getattr(server, "url", server),
                             *arguments, **options)

    def start(self, name, server, **options):
        return subprocess.Popen([GOSSAMER, "datasets", "fetch", name, "--data", "data", "--from", server.url],
                                cwd=self.folder, env=self.environment(), **options)

    def content(self, path):
        return (self.folder / "data" / path).read_bytes()

    def fetched(self):
        return sorted(str(path.relative_to(self.folder / "data")) for path in (self.folder / "data").glob("*/*"))

    def assert_rcv1_is_there(self):
        self.assertEqual(self.fetched(), ["rcv1/rcv1.bz2", "rcv1/rcv1.t.bz2"])
        self.assertEqual(self.content("rcv1/rcv1.bz2"), RCV1["rcv1_train.binary.bz2"])
        self.assertEqual(self.content("rcv1/rcv1.t.bz2"), RCV1["rcv1_test.binary.bz2"])


class Fetch(FetchTest):
    def test_files_come_under_the_names_that_are_read_and_once(self):
        server = self.serve(RCV1)
        lines = [f"data/rcv1/{name}: unverified: SHA-256 of the content is {hashlib.sha256(content).hexdigest()}, "
                 "none is documented\n" for name, content in [("rcv1.bz2", TRAIN), ("rcv1.t.bz2", TEST)]]
        # The training part last: without it, the data set does not count as found.
        self.assertEqual(self.assert_done(self.fetch("rcv1", server)), "".join(reversed(lines)))
        self.assert_rcv1_is_there()
        self.assertEqual(server.requests, [("rcv1_test.binary.bz2", None), ("rcv1_train.binary.bz2", None)])

        again = self.assert_done(self.fetch("rcv1", server))
        self.assertEqual(again, "data/rcv1/rcv1.t.bz2: there already\ndata/rcv1/rcv1.bz2: there already\n")
        self.assertEqual(len(server.requests), 2)
        self.assertEqual(self.assert_done(self.gossamer("datasets", "verify", "rcv1", "--data", "data")), "".join(lines))
        done = self.gossamer("check", "small.yaml", "--data", "data", "--set", "problem={kind: logistic, dataset: rcv1}")
        self.assertRegex(self.assert_done(done), "d = 3, 1000 rows a node")

    def test_into_the_cache(self):
        server = self.serve({"news20.binary.bz2": bz2.compress(TRAIN)})
        done = self.gossamer("datasets", "fetch", "news20", "--from", server.url + "/", env=self.environment())
        self.assertRegex(self.assert_done(done), r"/\.cache/gossamer/news20/news20\.bz2: unverified: ")
        self.assertIn("/.cache/gossamer/news20\n", self.assert_done(self.gossamer("datasets", env=self.environment())))
        done = self.gossamer("datasets", "fetch", "news20", env=self.environment(HOME=""))
        self.assert_refused(done, r"gossamer datasets fetch: there is no \$HOME; ")

    def test_what_broke_off_goes_on(self):
        server = self.serve(RCV1)
        server.breaks_off_at = HALF
        done = self.fetch("rcv1", server)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"\A{server.url}/rcv1_train\.binary\.bz2: broke off after {HALF} bytes: "
                                      r"[^\n]*; the same command goes on from there\n\Z")
        self.assertEqual(self.fetched(), ["rcv1/rcv1.bz2.part", "rcv1/rcv1.t.bz2"])
        self.assertEqual(self.content("rcv1/rcv1.bz2.part"), RCV1["rcv1_train.binary.bz2"][:HALF])

        server.breaks_off_at = None
        self.assert_done(self.fetch("rcv1", server))
        self.assertEqual(server.requests[-1], ("rcv1_train.binary.bz2", f"bytes={HALF}-"))
        self.assert_rcv1_is_there()

    def test_a_server_without_ranges_starts_again(self):
        server = self.serve(RCV1, ranges=False)
        self.write("data/rcv1/rcv1.bz2.part", b"x" * HALF)
        self.assert_done(self.fetch("rcv1", server))
        self.assertEqual(server.requests[-1], ("rcv1_train.binary.bz2", f"bytes={HALF}-"))
        self.assert_rcv1_is_there()

    def test_parts_that_are_whole_or_too_long(self):
        whole = RCV1["rcv1_train.binary.bz2"]
        for part, requests in [(whole, 1), (whole + b"more", 2)]:
            with self.subTest(len(part)):
                server = self.serve(RCV1)
                self.write("data/rcv1/rcv1.t.bz2", RCV1["rcv1_test.binary.bz2"])
                self.write("data/rcv1/rcv1.bz2.part", part)
                self.assert_done(self.fetch("rcv1", server))
                self.assertEqual(len(server.requests), requests)
                self.assert_rcv1_is_there()
                (self.folder / "data/rcv1/rcv1.bz2").unlink()

    def test_content_that_is_not_the_published_one_is_not_kept(self):
        for name, files, pattern in [
            ("phishing", {"phishing": TEST}, r"phishing: this is not the published file, and is not kept: SHA-256 of the "
                                             rf"content is {hashlib.sha256(TEST).hexdigest()}, documented is 0cf66ef3"),
            ("phishing", {"phishing": b""}, r"phishing: this is not the published file, "),
            ("news20", {"news20.binary.bz2": b"<html>"}, r"news20\.binary\.bz2: this is not the published file, and is not "
                                                         r"kept: .*: cannot be decompressed, "),
        ]:
            with self.subTest(name):
                server = self.serve(files)
                self.assert_refused(self.fetch(name, server), server.url + "/" + pattern, code=1)
                self.assertEqual(self.fetched(), [])

    def test_a_file_of_other_content_stays(self):
        self.write("data/phishing/phishing", TEST)
        self.assert_refused(self.fetch("phishing", self.serve({})),
                            r"data/phishing/phishing: this is not the published file; remove it to fetch it: ", code=1)
        self.assertEqual(self.content("phishing/phishing"), TEST)

    def test_servers_that_do_not_answer(self):
        missing = self.serve({})
        self.assert_refused(self.fetch("w8a", missing), rf"{missing.url}/w8a: cannot be fetched: .*404", code=1)
        self.write("data/w8a/w8a.part", b"half")  # An answer that is no file leaves it.
        self.assert_refused(self.fetch("w8a", missing), rf"{missing.url}/w8a: cannot be fetched: .*404", code=1)
        self.assertEqual(self.content("w8a/w8a.part"), b"half")

        nobody = "http://127.0.0.1:9"
        self.assert_refused(self.fetch("w8a", nobody), rf"{nobody}/w8a: cannot be fetched: Failed to connect", code=1)
        nowhere = "https://nowhere.invalid"
        self.assert_refused(self.fetch("w8a", nowhere), rf"{nowhere}/w8a: cannot be fetched: Could not resolve", code=1)

    def test_full_disk(self):
        server = self.serve(RCV1)
        # As good as a full disk: no file can grow beyond 4 kB.
        done = self.fetch("rcv1", server,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "data/rcv1/rcv1.bz2.part: cannot be written: File too large\n")
        self.assert_done(self.fetch("rcv1", server))
        self.assertEqual(server.requests[-1], ("rcv1_train.binary.bz2", "bytes=4096-"))
        self.assert_rcv1_is_there()

    def test_folders_that_cannot_be(self):
        self.write("data", b"a file")
        self.assert_refused(self.fetch("w8a", self.serve({})), r"data/w8a: cannot be created: Not a directory", code=1)

    def test_interrupted(self):
        whole = bz2.compress(TRAIN)
        server = self.serve({"news20.binary.bz2": whole})
        server.breaks_off_at = HALF
        server.hangs.clear()
        hanging = self.start("news20", server)
        self.addCleanup(hanging.kill)
        part = self.folder / "data/news20/news20.bz2.part"
        for _ in range(1000):
            if part.exists() and part.stat().st_size == HALF:
                break
            time.sleep(0.01)
        self.assert_refused(self.fetch("news20", server), r"data/news20/news20\.bz2\.part: another gossamer is fetching it",
                            code=1)
        hanging.send_signal(signal.SIGINT)
        self.assertEqual(hanging.wait(10), -signal.SIGINT)
        server.hangs.set()
        server.breaks_off_at = None
        self.assert_done(self.fetch("news20", server))
        self.assertEqual(server.requests[-1], ("news20.binary.bz2", f"bytes={HALF}-"))
        self.assertEqual(self.content("news20/news20.bz2"), whole)

    def test_bad_input(self):
        self.assert_refused(self.fetch("nws20", "http://127.0.0.1:9"),
                            r"gossamer datasets fetch: unknown data set 'nws20'; did you mean 'news20'\? there are: ")
        self.assert_refused(self.fetch("news20", "ftp://127.0.0.1"), r"--from 'ftp://127\.0\.0\.1': it takes a URL, ")
        self.assert_refused(self.gossamer("datasets", "fetch"), r"gossamer: .*; see gossamer --help")
        self.assertEqual(self.files(), ["small.yaml"])


if __name__ == "__main__":
    unittest.main()
