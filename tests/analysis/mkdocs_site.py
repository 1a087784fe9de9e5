"""The documentation as a site, which mkdocs builds."""

import os
import re
import shutil
import unittest

from traces_for_tests import GOSSAMER, WithFolder

from analysis import website


@unittest.skipUnless(shutil.which("mkdocs") and GOSSAMER, "mkdocs is not here: ./dev setup --site")
class Built(WithFolder):
    def test_pages_links_and_figures(self):
        out = self.folder / "site"
        code, output, said = self.run_main(website.main, "-o", out, "--gossamer", GOSSAMER)
        self.assertEqual((code, said), (0, ""))  # No link leads nowhere.
        self.assertEqual(output, f"{out}/index.html\n")
        self.assertIn('id="algorithms"', (out / "reference.html").read_text())
        self.assertIn("decentralized_amsgrad", (out / "reference.html").read_text())
        gallery = (out / "gallery.html").read_text()
        self.assertIn("winners.py out/latency", gallery)
        self.assertTrue((out / "scenarios/sweeps/latency.svg").is_file())
        self.assert_complete(out)

    def assert_complete(self, out):
        """Every local script, style and figure of every page is there, which `mkdocs --strict` does not see."""
        for page in out.rglob("*.html"):
            named = re.findall(r'<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]+)"', page.read_text())
            local = [file.partition("?")[0] for file in named if not re.match(r"[a-z]+:|//", file)]
            self.assertTrue(any(file.endswith(".js") for file in local))
            for file in local:  # The page of errors names them from the root, as it has no place of its own.
                there = out / file[1:] if file.startswith("/") else page.parent / file
                self.assertTrue(there.is_file(), f"{page}: {file}")

    def test_without_the_command(self):
        code, output, said = self.run_main(website.main, "-o", self.folder / "site", "--gossamer", self.folder / "no")
        self.assertEqual((code, output), (2, ""))
        self.assertRegex(said, r"\Awebsite\.py: .*/no: No such file or directory; build it, or name it with --gossamer\n\Z")
        self.assertFalse(os.path.exists(self.folder / "site"))


if __name__ == "__main__":
    unittest.main()
