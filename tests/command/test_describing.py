"""What the command says of itself, and what it writes for others: a first scenario, completion, the manual page."""

import re
import subprocess
import unittest

import yaml

from test_command import GOSSAMER, SMALL, CommandTest


class New(CommandTest):
    def test_it_passes_check_as_it_is_and_needs_no_data(self):
        done = self.assert_done(self.gossamer("new", "first.yaml"))
        self.assertEqual(done, "first.yaml: written; next: gossamer check first.yaml\n")
        nothing = {"GOSSAMER_DATA": "", "HOME": str(self.folder)}
        self.assertIn("first.yaml: ok: ", self.assert_done(self.gossamer("check", "first.yaml", env=nothing)))
        self.assert_done(self.gossamer("run", "first.yaml", "--quiet", "--set", "stop.iterations=3", env=nothing))

    def test_what_is_there_stays(self):
        self.assert_refused(self.gossamer("new", "small.yaml"), r"small\.yaml: cannot be written: it is there already; ")
        self.assertEqual((self.folder / "small.yaml").read_text(), SMALL)
        self.assert_refused(self.gossamer("new", "no/where.yaml"), r"no/where\.yaml: cannot be written: No such file")

    def test_to_standard_output(self):
        printed = self.assert_done(self.gossamer("new"))
        self.assert_done(self.gossamer("new", "first.yaml"))
        self.assertEqual(printed, (self.folder / "first.yaml").read_text())
        self.assertEqual(self.files(), ["first.yaml", "small.yaml"])

    def test_comments_name_every_alternative(self):
        printed = self.assert_done(self.gossamer("new"))
        words = set(re.findall(r"[\w-]+", printed))
        for section in ("topologies", "mixings", "networks", "network_graphs", "compute", "problems", "partitions",
                        "algorithms"):
            kinds = re.findall(r"(?m)^  (\w+): ", self.assert_done(self.gossamer("list", section)))
            self.assertTrue(kinds)
            self.assertEqual(set(kinds) - words, set())
        self.assertLessEqual(max(map(len, printed.splitlines())), 100)

    def test_what_is_commented_out_is_right_too(self):
        text = self.assert_done(self.gossamer("new"))
        text = re.sub(r"(?m)^# (faults: |sweep:$|  \w[\w.]*: \[)", r"\1", text)
        self.assertEqual(set(yaml.safe_load(text)) >= {"faults", "sweep"}, True)
        self.write("all.yaml", text)
        self.assertIn("a sweep of 9 runs", self.assert_done(self.gossamer("check", "all.yaml")))


class Assignments(CommandTest):
    """Several may follow one --set, wherever the scenario stands."""

    def identity(self, *arguments):
        return self.assert_done(self.gossamer("identity", *arguments))

    def test_in_any_order(self):
        expected = self.identity("small.yaml", "--set", "seed=5", "--set", "stop.iterations=7")
        self.assertNotEqual(expected, self.identity("small.yaml"))
        for arguments in (
            ["small.yaml", "--set", "seed=5", "stop.iterations=7"],
            ["--set", "seed=5", "stop.iterations=7", "small.yaml"],
            ["--set=seed=5", "stop.iterations=7", "small.yaml"],
            ["--set", "seed=5", "small.yaml", "--set", "stop.iterations=7"],
            ["--set", "seed=4", "seed=5", "--set", "stop.iterations=7", "--", "small.yaml"],
        ):
            with self.subTest(arguments):
                self.assertEqual(self.identity(*arguments), expected)

    def test_every_command_takes_them(self):
        for command in ("run", "check", "topology", "identity"):
            self.assert_done(self.gossamer(command, "--set", "seed=5", "topology.nodes=3", "small.yaml"))
        self.write("sweep.yaml", SMALL + "sweep: {seed: [1, 2]}\n")
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "--quiet", "--set", "stop.iterations=2", "sweep.seed=[3]"))
        self.assertEqual([path.name for path in (self.folder / "sweep").glob("*.h5")], ["seed=3.h5"])

    def test_what_is_no_assignment_is_refused(self):
        self.assert_refused(self.gossamer("check", "small.yaml", "--set", "seed"), r"--set seed: not an assignment; ")
        self.assert_refused(self.gossamer("check", "small.yaml", "--set", "=1"), r"--set =1: not an assignment; ")
        self.write("a=b.yaml", SMALL)
        self.assert_done(self.gossamer("check", "a=b.yaml", "--set", "seed=2"))


class Help(CommandTest):
    def test_it_is_a_command_too(self):
        self.assertEqual(self.assert_done(self.gossamer("help")), self.assert_done(self.gossamer("--help")))
        self.assertEqual(self.assert_done(self.gossamer("help", "run")), self.assert_done(self.gossamer("run", "--help")))
        self.assertEqual(self.assert_done(self.gossamer("help", "datasets", "fetch")),
                         self.assert_done(self.gossamer("datasets", "fetch", "--help")))
        self.assertRegex(self.assert_done(self.gossamer("help")), r"(?m)^  help ")

    def test_of_what_is_no_command(self):
        for arguments in (["help", "rum"], ["rum", "--help"], ["rum"]):
            self.assert_refused(self.gossamer(*arguments), r"gossamer: unknown command 'rum'; did you mean 'run'\? there are: run, sweep, ")
        for arguments in (["help", "datasets", "fech"], ["datasets", "fech", "--help"]):
            self.assert_refused(self.gossamer(*arguments), r"gossamer datasets: unknown command 'fech'; did you mean 'fetch'\? there are: ")


class Completion(CommandTest):
    """Bash itself says what it would complete."""

    def complete(self, *words):
        script = self.assert_done(self.gossamer("completion", "bash")) + f"""
COMP_WORDS=({' '.join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
_gossamer; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return sorted(done.stdout.split("\n")[:-1])

    def test_commands_options_lists_and_files(self):
        self.write("my first.yaml", SMALL)
        self.write("notes.txt", "")
        self.write("more/x.yaml", SMALL)
        self.assertEqual(self.complete("gossamer", "s"), ["schema", "sweep"])
        self.assertEqual(self.complete("gossamer", "run", "--s"), ["--set"])
        self.assertEqual(self.complete("gossamer", "sweep", "--l"), ["--launcher"])
        self.assertEqual(self.complete("gossamer", "list", "par"), ["partitions"])
        self.assertEqual(self.complete("gossamer", "datasets", "f"), ["fetch"])
        self.assertEqual(self.complete("gossamer", "datasets", "fetch", "r"), ["rcv1"])
        self.assertEqual(self.complete("gossamer", "datasets", "verify", "a9a", "rc"), ["rcv1"])
        self.assertEqual(self.complete("gossamer", "datasets", "fetch", "--f"), ["--from"])
        self.assertEqual(self.complete("gossamer", "sweep", "small.yaml", "--launcher", "s"), ["slurm"])
        self.assertEqual(self.complete("gossamer", "sweep", "--launcher", "local", "s"), ["small.yaml"])
        self.assertEqual(self.complete("gossamer", "run", ""), ["more", "my first.yaml", "small.yaml"])
        self.assertEqual(self.complete("gossamer", "completion", "b"), ["bash"])

    def test_other_shells_are_refused(self):
        self.assert_refused(self.gossamer("completion", "fish"), "gossamer: .*fish")


class Manual(CommandTest):
    def test_it_has_every_command_and_option(self):
        page = self.assert_done(self.gossamer("manual")).replace("\\-", "-")
        said = self.assert_done(self.gossamer("--help"))
        commands = re.findall(r"(?m)^  (\w+) {2,}", said.partition("Subcommands:")[2])
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.assertRegex(page, rf"(?m)^\.SS gossamer {command} ")
            for option in re.findall(r"(?m)^  (?:-\w,)?(--[\w-]+)", self.assert_done(self.gossamer(command, "--help"))):
                self.assertIn(option, page)
        self.assertNotRegex(page, r"(?m)^\.(?!TH|SH|SS|TP|B|I|br)")


if __name__ == "__main__":
    unittest.main()
