"""Fetching the files that a publisher has, and not just files of the same names."""

import unittest
from pathlib import Path

from test_fetch import FetchTest

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


@unittest.skipUnless(FASHION_MNIST.is_dir(), "Fashion-MNIST is not here: apt-get install dataset-fashion-mnist")
class Published(FetchTest):
    def test_the_content_is_the_documented_one(self):
        server = self.serve({path.name: path.read_bytes() for path in FASHION_MNIST.iterdir()})
        output = self.assert_done(self.fetch("fashion-mnist", server))
        self.assertEqual(output.count(": ok\n"), 4)
        self.assertEqual(len(server.requests), 4)
        self.assertEqual(self.assert_done(self.fetch("fashion-mnist", server)).count(": there already\n"), 4)


if __name__ == "__main__":
    unittest.main()
