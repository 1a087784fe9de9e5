"""Results change only together with the version of the numerics."""

import copy
import json
import os
import re
import subprocess
import unittest

import numerics


class Numerics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = json.loads(numerics.RECORD.read_text())
        cls.after = numerics.results(os.environ["GOSSAMER"])

    def test_no_result_has_changed_unnoticed(self):
        self.assertEqual(numerics.complaints(self.before, self.after), [])

    def test_every_run_is_recorded_and_makes_sense(self):
        self.assertEqual(self.before["runs"].keys(), self.after["runs"].keys())
        self.assertEqual([name for name, run in self.after["runs"].items() if isinstance(run, str)], [])

    def test_every_kind_has_a_run(self):
        lists = subprocess.run([os.environ["GOSSAMER"], "list"], capture_output=True, text=True, check=True).stdout
        scenarios = list(map(numerics.text_of, numerics.scenarios(os.environ["GOSSAMER"]).values()))
        for what in re.findall(r"(?m)^\w+", lists):
            for kind in filter(None, numerics.listed(os.environ["GOSSAMER"], what)):
                self.assertTrue(any(re.search(rf"\b{kind}\b", text) for text in scenarios), f"{what}: {kind}")

    def test_a_change_is_noticed(self):
        changed = copy.deepcopy(self.after)
        changed["runs"]["dgd"]["loss"] *= 1 + 1e-8
        self.assertRegex(numerics.complaints(self.after, changed)[0], r"\Adgd: its results have changed; raise `numerics`")
        self.assertFalse(numerics.may_record(self.after, changed))
        changed["numerics"] += 1
        self.assertTrue(numerics.may_record(self.after, changed))
        self.assertRegex(numerics.complaints(self.after, changed)[0], "numerics.py record")


if __name__ == "__main__":
    unittest.main()
