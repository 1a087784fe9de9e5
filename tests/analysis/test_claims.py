import os
import re
import unittest
from unittest import mock

from traces_for_tests import GOSSAMER, QUADRATIC, ROOT, WithFolder

from analysis import claims, papers, typesetting

CLAIMS = """\
paper: A paper
runs:
  slow: {scenario: paper/quadratic.yaml}
  tuned:
    scenario: paper/quadratic.yaml
    set: {stop.iterations: 10, network: {latency: 2 ms, bandwidth: 1 Mbit/s}}
    best_of: {over: {algorithm.step_size: [0.1, 0.5, 1e200]}, metric: grad_norm}
  seeded: {scenario: paper/quadratic.yaml, seeds: [1, 2]}
claims:
  - id: rate
    says: The gradient norm falls by a tenth in each iteration (Figure 1).
    measured_by: abs(at(slow, grad_norm, 3) / greatest(slow, grad_norm) - 0.9 * 0.9 * 0.9) < 1e-9
  - id: tuned
    says: With a tuned step it falls faster (Table 2).
    measured_by: final(tuned, grad_norm) < at(slow, grad_norm, 10) / 100
  - id: chance
    says: Nothing is left to chance.
    measured_by: std(final(seeded, loss)) == 0
  - id: odd
    says: It needs no bits.
    measured_by: final(slow, bits) == 0
    expect: does not reproduce
    note: It does, | of course.
"""


class WithClaims(WithFolder):
    def setUp(self):
        super().setUp()
        self.write("paper/quadratic.yaml", QUADRATIC)
        self.file = self.write("claims.yaml", CLAIMS)

    def changed(self, old, new):
        self.assertIn(old, CLAIMS)
        self.file.write_text(CLAIMS.replace(old, new))

    def check(self, *arguments):
        with mock.patch.dict(os.environ, COLUMNS="160"):
            return self.run_main(claims.main, *(arguments or [self.file]), "-o", self.folder / "out")


class Mistakes(WithClaims):
    def test_each_is_one_line_with_its_place(self):
        """The place is where the third text begins."""
        for old, new, at, message in (
            ("paper: A paper\n", "", "runs:", "the file has no 'paper'; it takes paper, runs, claims"),
            (
                "paper: A",
                "papers: A",
                "papers",
                "unknown key 'papers' in the file; did you mean 'paper'? there are",
            ),
            ("paper: A paper", "paper: [A]", "[A]", "'paper' is a list; it takes a string"),
            ("paper: A paper", "paper: ''", "''", "'paper' is empty; it takes a string"),
            ("  slow: {", "  slow: {{", "tuned:", "not YAML: "),
            ("  slow: ", "  slow: 3 # ", "3 # ", "run 'slow' is '3'; it takes a map, {key: value, ...}"),
            ("  slow: ", "  a-b: ", "a-b", "'a-b' cannot name a run; use letters, digits and _"),
            ("  slow: ", "  not: ", "not: ", "'not' cannot name a run"),
            (
                "  seeded: ",
                "  slow: ",
                "slow: {scenario: paper/quadratic.yaml, seeds",
                "duplicate key 'slow'; it is already on line 3",
            ),
            (
                "  slow: ",
                "  no: &no {scenario: paper/quadratic.yaml}\n  slow: ",
                "no: &no",
                "no claim and no figure uses the run 'no'",
            ),
            (
                "{scenario: paper",
                "{scenari: paper",
                "scenari: ",
                "unknown key 'scenari' in run 'slow'; did you mean 'scenario'?",
            ),
            (
                "quadratic.yaml}",
                "none.yaml}",
                "paper/none.yaml",
                "/paper/none.yaml: no such file; give the path of a scenario",
            ),
            (
                "set: {",
                "set: {algorithm.step_size: 1, ",
                "algorithm.step_size: [",
                "'algorithm.step_size' is given twice in run",
            ),
            (
                "algorithm.step_size: [0.1, 0.5, 1e200]",
                "a: 1e200",
                "1e200",
                "'a' is '1e200'; it takes a list, [a, b, ...]",
            ),
            (
                "over: {algorithm.step_size: [0.1, 0.5, 1e200]}",
                "over: {}",
                "{}, metric",
                "'over' is empty; it takes {path: [a, b, ...]}",
            ),
            (
                "stop.iterations: 10, network: {latency: 2 ms, bandwidth: 1 Mbit/s}}",
                "network.latency: 1 ms, network: {latency: 2 ms}}",
                "network: {",
                "'network' would replace 'network.latency', which is set before it",
            ),
            (
                "metric: grad_norm",
                "metric: grad_nrm",
                "grad_nrm}",
                "unknown metric 'grad_nrm'; did you mean 'grad_norm'?",
            ),
            (
                "metric: grad_norm}",
                "metric: loss, at: end}",
                "end}",
                "at: 'end' is not allowed; it takes final, best, or a budget, such as time=60s or bits=1Gbit",
            ),
            ("seeds: [1, 2]", "seeds: [1, 1]", "[1, 1]", "'seeds' takes two or more different seeds"),
            ("seeds: [1, 2]", "seeds: [1, 1.0]", "[1, 1.0]", "'seeds' takes two or more different seeds"),
            (
                "seeds: [1, 2]",
                "seeds: [1, 2], set: {seed: 1}",
                "seeds: [1, 2]",
                "'seed' is given twice in run 'seeded'",
            ),
            ("id: tuned", "id: rate", "rate\n    says: With", "an earlier claim already has the id 'rate'"),
            (
                "    says: Nothing is left to chance.\n",
                "",
                "id: chance",
                "a claim has no 'says'; it takes id, says, measured_by",
            ),
            (
                "expect: does not",
                "expect: does",
                "does reproduce",
                "unknown 'expect' 'does reproduce'; did you mean",
            ),
            # Within an expression, in quotes or not.
            (
                "final(slow, bits)",
                "final(slo, bits)",
                "slo,",
                "'slo' is not a run; did you mean 'slow'? there are: slow",
            ),
            (
                "final(slow, bits) == 0",
                "'final(slow, bit) == 0'",
                "bit)",
                "'bit' is not a metric; did you mean 'bits'?",
            ),
            (
                "std(final",
                "sdt(final",
                "sdt",
                "'sdt' is not a function; did you mean 'std'? there are: final, least",
            ),
            (
                "final(slow, bits) == 0",
                "final(slow, bits) ==",
                "final(slow, bits) ==",
                "cannot be read: invalid syntax",
            ),
            # On several lines: where it begins.
            (
                "final(slow, bits) == 0",
                ">\n      final(slow, bits)\n      == zero",
                ">\n",
                "'zero' is not allowed",
            ),
        ):
            with self.subTest(new):
                self.changed(old, new)
                code, output, said = self.check()
                self.assertEqual((code, output, said.count("\n")), (2, "", 1), said)
                before = self.file.read_text().split(at)[0]
                line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
                self.assertEqual(said.split(": ")[0], f"{self.file}:{line}:{column}", said)
                self.assertIn(message, said)
        self.assertFalse((self.folder / "out").exists())

    def test_files_and_options(self):
        for arguments, message in (
            ((), "claims.py: the following arguments are required: FILE"),
            ((self.folder / "none.yaml",), "none.yaml: cannot be read: No such file or directory"),
            ((self.write("empty.yaml", "# nothing\n"),), "empty.yaml: is empty; it takes one YAML document"),
            ((self.write("two.yaml", "a: 1\n---\nb: 1\n"),), "two.yaml:2:1: not YAML: "),
            ((self.write("self.yaml", "paper: &a [*a]\nruns: {}\nclaims: *a\n"),), "self.yaml:1:8: "),
            ((self.write("deep.yaml", CLAIMS.replace("[1, 2]", "&a [1, 2, *a]")),), "deep.yaml:8:"),
            (
                (self.write("set.yaml", CLAIMS.replace("2 ms", "&a [*a]")),),
                "claims.py: the input is nested",
            ),
            (
                (self.file, "--only", "rate,tned"),
                "--only: unknown claim 'tned'; did you mean 'tuned'? there are: rate",
            ),
            ((self.file, "--gossamer", "no/such"), "no/such: no such command"),
        ):
            with self.subTest(message):
                code, output, said = self.run_main(claims.main, *arguments)
                self.assertEqual((code, output, said.count("\n")), (2, "", 1), said)
                self.assertIn(message, said)
        self.file.write_bytes(b"paper: \xff\n")
        self.assertRegex(self.check()[2], r"claims\.yaml: not YAML: [^\n]*\n\Z")


class Files(unittest.TestCase):
    def test_every_file_of_claims_can_be_read(self):
        paths = sorted(ROOT.glob("scenarios/*/claims.yaml"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path.parent.name):
                self.assertTrue(papers.read_paper(path).claims)

    def test_claims_quote_their_paper(self):
        for path in sorted(ROOT.glob("scenarios/*/claims.yaml")):
            if path.parent.name == "measured":
                continue  # its source is a table of times
            for claim in papers.read_paper(path).claims:
                with self.subTest(path.parent.name, claim=claim.id):
                    self.assertTrue(claim.is_finding or re.search(r'"[^"]+"', claim.says), claim.says)

    def test_readmes_say_what_the_files_of_claims_say(self):
        for path in sorted(ROOT.glob("scenarios/*/claims.yaml")):
            paper = papers.read_paper(path)
            path, before, after, _ = claims.readme_of(paper)
            table = path.read_text().removeprefix(before).removesuffix(after)
            for claim in paper.claims:
                with self.subTest(path.parent.name, claim=claim.id):
                    self.assertIn(f"\n| {claim.family or claim.id} | {claim.says} |", table.replace("\\|", "|"))


class Tables(unittest.TestCase):
    def test_texts_wrap_where_they_do_not_fit(self):
        rows = [["a", "the quick brown fox jumps over the lazy dog", "1"], ["b", "short\nlines", "2"]]
        self.assertEqual(
            typesetting.text_table(["id", "says", ""], rows, width=25),
            "id  says\n"
            "--  ------------------  -\n"
            "a   the quick brown     1\n"
            "    fox jumps over the\n"
            "    lazy dog\n"
            "\n"
            "b   short               2\n"
            "    lines\n",
        )
        self.assertEqual(typesetting.text_table(["a", "b"], [["1", "\x1b[31m"]], 80), "a  b\n-  -----\n1   [31m\n")

    def test_markdown(self):
        self.assertEqual(
            typesetting.markdown_table(
                ["a", "b"], [["x|y", "1\n2"]]
            ), "| a | b |\n| --- | --- |\n| x\\|y | 1<br>2 |\n"
        )


FOR_EACH = """\
paper: A paper
for_each: {step: [0.1, 0.2]}
runs:
  gd_at: {sweep: paper/sweep.yaml, where: {algorithm: slow}}
  fast: {sweep: paper/sweep.yaml, where: {algorithm: fast}}
  single: {scenario: paper/quadratic.yaml, set: {algorithm.step_size: 0.1}}
claims:
  - id: rate-$step
    says: With the step $step (Figure 1).
    measured_by: mean(final(gd_at, grad_norm)) < $step
    expect: {0.2: does not reproduce}
    finding: {0.2: true}
    note: {0.1: Only here.}
  - id: faster
    says: The larger step is faster.
    measured_by: mean(final(fast, grad_norm)) < mean(final(gd_at, grad_norm)) and final(single, bits) > 0
"""


class Together(WithClaims):
    """What holds for several values, and runs of a sweep."""

    def setUp(self):
        super().setUp()
        self.write("paper/sweep.yaml", QUADRATIC + "sweep:\n  algorithm: {slow: {kind: dgd, step_size: 0.1}, fast: {kind: dgd, "
                                                   "step_size: 0.5}}\n  seed: [1, 2, 3]\n")
        self.file.write_text(FOR_EACH)

    def test_each_value_has_its_own(self):
        paper = papers.read_paper(self.file)
        self.assertEqual([(c.id, c.says, c.is_expected, c.is_finding, c.note) for c in paper.claims],
                         [("rate-0.1", "With the step 0.1 (Figure 1).", True, False, "Only here."),
                          ("rate-0.2", "With the step 0.2 (Figure 1).", False, True, ""),
                          ("faster", "The larger step is faster.", True, False, "")])
        self.file.write_text(FOR_EACH.replace("[0.1, 0.2]", "[fast, slow]").replace("gd_at: {sweep: paper/sweep.yaml, where: "
                             "{algorithm: slow}}", "gd_$step: {sweep: paper/sweep.yaml, where: {algorithm: $step}}")
                             .replace("gd_at", "gd_slow").replace("{0.2: does not reproduce}", "reproduces")
                             .replace("{0.2: true}", "false")
                             .replace("{0.1: Only here.}", "$step").replace("final(gd_slow, grad_norm)) < $step",
                                                                            "final(gd_$step, grad_norm)) < 1"))
        paper = papers.read_paper(self.file)
        self.assertEqual(list(paper.experiments), ["gd_fast", "gd_slow", "fast", "single"])
        self.assertEqual([claim.note for claim in paper.claims], ["fast", "slow", ""])

    def test_mistakes(self):
        for old, new, message in (
            ("{step: [0.1, 0.2]}", "{step: [0.1], other: [1]}", "'for_each' takes one name with a list of values"),
            ("[0.1, 0.2]", "[0.1, 1e-1]", "1e-1 is listed twice"),
            ("[0.1, 0.2]", "0.1", "'step' is '0.1'; it takes a list"),
            ("{0.2: does", "{0.3: does", "unknown key '0.3' in 'expect'"),
            ("{0.2: true}", "{0.3: true}", "unknown key '0.3' in 'finding'"),
            ("{0.2: true}", "maybe", "'finding'"),
            ("where: {algorithm: slow}", "seeds: [1]", "unknown key 'seeds' in run 'gd_at'"),
            ("sweep: paper/sweep.yaml, where: {algorithm: slow}", "sweep: paper/quadratic.yaml, where: {algorithm: a}",
             "quadratic.yaml: has no sweep"),
            ("sweep: paper/sweep.yaml", "sweep: paper/none.yaml", "none.yaml: no such file"),
        ):
            self.file.write_text(FOR_EACH.replace(old, new, 1))
            code, output, said = self.check()
            self.assertEqual((code, output), (2, ""))
            self.assertRegex(said, r"\A[^\n]*claims.yaml:\d+:\d+: [^\n]*\n\Z")
            self.assertIn(message, said)

    @unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
    def test_runs_of_a_sweep(self):
        code, output, said = self.check()
        self.assertEqual((code, said), (1, ""))  # 20 iterations leave 0.9^20 = 0.12 of the initial norm, 5^0.5
        self.assertIn("1 of 2 claims, 1 of 1 findings as expected; not: rate-0.1\n", output)
        rows = output.splitlines()
        heads = [rows.index(row) for row in rows if row.startswith(("claim ", "our finding "))]
        self.assertEqual([row.split()[0] for at in heads for row in rows[at + 2:at + 3]], ["rate-0.1", "rate-0.2"])
        traces = sorted(path.name for path in (self.folder / "out/paper/sweep").glob("*.h5"))
        self.assertEqual(len(traces), 6)
        before = [(self.folder / "out/paper/sweep" / name).stat().st_mtime_ns for name in traces]
        self.check()
        self.assertEqual([(self.folder / "out/paper/sweep" / name).stat().st_mtime_ns for name in traces], before)

    @unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
    def test_a_sweep_that_changed_is_made_anew(self):
        self.check()
        sweep = self.folder / "paper/sweep.yaml"
        sweep.write_text(sweep.read_text().replace("fast: {", "faster: {").replace("iterations: 20", "iterations: 40"))
        _, output, _ = self.check()
        self.assertIn("no run has algorithm fast; there are:", " ".join(output.split()))

    @unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
    def test_where_takes_one_run_for_each_seed(self):
        self.file.write_text(FOR_EACH.replace("where: {algorithm: slow}", "where: {seed: 1}"))
        _, output, _ = self.check()
        self.assertIn("'gd_at' selects 2 runs of", " ".join(output.split()))

    def test_a_readme_without_a_place(self):
        for text in ("# A\n", claims.BEGIN, claims.END + claims.BEGIN):
            self.write("README.md", text)
            code, output, said = self.check(self.file, "--readme")
            self.assertEqual((code, output, said.count("\n")), (2, "", 1))
            self.assertIn("/README.md: has no place for what holds; it is between <!-- ", said)
        self.write("README.md", 2 * (claims.BEGIN + claims.END))
        self.assertIn("/README.md: has two places for what holds", self.check(self.file, "--readme")[2])
        self.assertIn("leave --only out", self.check(self.file, "--readme", "--only", "rate")[2])
        (self.folder / "README.md").unlink()
        self.assertIn("README.md: cannot be read", self.check(self.file, "--readme")[2])


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class EndToEnd(WithClaims):
    def test_as_expected(self):
        markdown = self.folder / "claims.md"
        code, output, said = self.check(self.file, "--markdown", markdown)
        self.assertEqual((code, said), (0, ""), output)
        self.assertIn("4 of 4 claims as expected\n", output)
        self.assertRegex(output, r"(?m)^odd .* no +no$")
        self.assertRegex(output, r"(?m)^chance .* yes +yes$")
        self.assertRegex(output, r"(?m)^tuned +quadratic +algorithm\.step_size=0\.5 +complete$")
        self.assertRegex(output, r"(?m)^final grad_norm by algorithm\.step_size +0\.1 +0\.5 +1e200$")
        self.assertRegex(output, r"(?m)^tuned +\S+ +\S+ \* +diverged$")
        self.assertLessEqual(max(map(len, output.splitlines())), 160)

        text = markdown.read_text()
        self.assertTrue(text.startswith("## A paper\n"))
        # 20 iterations of 6 messages, each of 2 coordinates of 64 bits.
        self.assertIn(
            "| odd | It needs no bits.<br>Note: It does, \\| of course. "
            "| `final(slow, bits) == 0`<br>`→ 15360 == 0` | no | no |\n",
            text,
        )
        self.assertIn("| final grad_norm by algorithm.step_size | 0.1 | 0.5 | 1e200 |\n", text)
        self.assertRegex(text, r"(?m)^\| tuned \| \S+ \| \*\*\S+\*\* \| diverged \|$")
        self.assertRegex(text, r"with gossamer \d+\.\d+\.\d+ \(\S+\)\.\n\Z")

        # Again, from the traces.
        names = sorted(path.name for path in (self.folder / "out/paper").iterdir())
        self.assertEqual(len(names), 6, names)
        before = markdown.read_bytes()
        times = {path: path.stat().st_mtime_ns for path in (self.folder / "out/paper").iterdir()}
        self.assertEqual(self.check(self.file, "--markdown", markdown), (code, output, said))
        self.assertEqual(markdown.read_bytes(), before)
        self.assertEqual(
            {path: path.stat().st_mtime_ns for path in (self.folder / "out/paper").iterdir()}, times
        )

    def test_not_as_expected(self):
        self.changed("    expect: does not reproduce\n", "")
        code, output, said = self.check()
        self.assertEqual((code, said), (1, ""))
        self.assertIn("3 of 4 claims as expected; not: odd\n", output)

    def test_only_what_is_needed_is_run(self):
        code, output, _ = self.check(self.file, "--only", "chance")
        self.assertEqual(code, 0)
        self.assertIn("1 of 1 claims as expected\n", output)
        names = sorted(path.name for path in (self.folder / "out/paper").iterdir())
        self.assertEqual(names, ["quadratic,seed=1.h5", "quadratic,seed=2.h5"])

    def test_a_grid_at_several_seeds(self):
        self.changed("metric: grad_norm}", "metric: grad_norm}\n    seeds: [3, 4]")
        text = self.file.read_text()
        self.file.write_text(text.replace("final(tuned, grad_norm)", "mean(final(tuned, grad_norm))"))
        code, output, _ = self.check(self.file, "--only", "tuned")
        self.assertEqual(code, 0)
        self.assertRegex(output, r"(?m)^tuned +quadratic +algorithm\.step_size=0\.5 +complete$")
        # Three points at two seeds, and the slow one.
        self.assertEqual(len(list((self.folder / "out/paper").iterdir())), 7)

    def test_what_holds_is_in_the_readme(self):
        marks = claims.BEGIN + "stale\n" + claims.END
        readme = self.write("README.md", f"# A\n{marks}The rest\n")
        for _ in range(2):
            self.assertEqual(self.check(self.file, "--readme")[0], 0)
        text = readme.read_text()
        self.assertTrue(text.startswith("# A\n" + claims.BEGIN) and text.endswith(claims.END + "The rest\n"), text)
        self.assertNotIn("stale", text)
        self.assertIn("| claim | the paper says | measured | holds |\n", text)
        self.assertRegex(text, r"(?m)^\| rate \| The gradient norm [^|]* \| \d\.\d+e-\d+ < 1e-9 \| yes \|$")
        self.assertIn("| odd | It needs no bits. | 1.536e4 = 0 | **no** |\n", text)
        readme.write_bytes(text.replace("\n", "\r\n").encode())
        self.assertEqual(self.check(self.file, "--readme")[0], 0)
        self.assertEqual(readme.read_bytes(), text.replace("\n", "\r\n").encode())

        self.file.write_text(CLAIMS.replace("paper: A paper", "paper: A paper\nfor_each: {goal: [one, two]}")
                             .replace("id: chance", "id: chance-$goal"))
        self.assertEqual(self.check(self.file, "--readme")[0], 0)
        self.assertIn("| claim | the paper says | one | two |\n", readme.read_text())
        self.assertIn("| chance | Nothing is left to chance. | yes<br>0 = 0 | yes<br>0 = 0 |\n", readme.read_text())

    def test_several_files(self):
        other = self.write("other.yaml", CLAIMS.replace("A paper", "Another"))
        code, output, _ = self.check(self.file, other, "--only", "odd", "--jobs", "1")
        self.assertEqual(code, 0)
        self.assertLess(output.index("A paper ("), output.index("Another ("))

    def test_a_run_that_fails_leaves_its_claims_unmeasured(self):
        self.changed("slow: {scenario: paper/quadratic.yaml}", "slow: {scenario: paper/quadratic.yaml, set: "
                     "{network.latency: 2000000 h, stop.iterations: 1000}}")
        code, output, said = self.check()
        self.assertEqual((code, said), (1, ""))
        self.assertIn("1 of 4 claims as expected; not: rate, tuned, odd\n", output)
        self.assertRegex(output, r"(?m)^odd .* not measured +no$")
        self.assertIn("292 years", " ".join(output.split()))

    def test_a_setting_that_the_command_refuses(self):
        self.changed("seeds: [1, 2]", "set: {algorithm.stepsize: 1}, seeds: [1, 2]")
        code, output, said = self.check()
        self.assertEqual(code, 2)
        self.assertRegex(said, r"\A--set algorithm\.stepsize=1: unknown key 'stepsize'[^\n]*\n\Z")
        self.assertIn("3 of 4 claims as expected; not: chance\n", output)

    def test_a_grid_of_which_all_points_diverge(self):
        self.changed("[0.1, 0.5, 1e200]", "[1e200, 1e201]")
        code, output, said = self.check(self.file, "--only", "tuned")
        self.assertEqual((code, said), (1, ""))
        self.assertIn("'tuned': diverged at every point of its grid", " ".join(output.split()))

    def test_a_target_that_was_missed_is_no_divergence(self):
        self.changed("stop.iterations: 10, ", "stop.iterations: 10, stop.target: {grad_norm: 7e-3}, ")
        code, output, said = self.check(self.file, "--only", "tuned")
        self.assertEqual((code, said), (0, ""), output)
        self.assertRegex(output, r"(?m)^tuned +not reached +\S+ \* +diverged$")


if __name__ == "__main__":
    unittest.main()
