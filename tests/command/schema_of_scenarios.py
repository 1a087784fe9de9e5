"""`gossamer schema` describes scenarios: what an editor refuses, `gossamer check` refuses, too. Skipped without Debian's
python3-jsonschema."""

import copy
import importlib.util
import json
import random
import re
import subprocess
import sys
import unittest

import yaml

from test_command import GOSSAMER, SOURCE, CommandTest
from test_scenarios import trains_a_network

sys.path.append(str(SOURCE / "tests" / "manifest"))

import random_scenarios

DRAWN = 300


class Yaml12(yaml.SafeLoader):
    """YAML 1.2, as editors read it: 1e-3 is a number; on, yes and 010 are nothing special."""

    yaml_implicit_resolvers = {}


for kind, pattern, make in [
    ("null", r"~|null|Null|NULL|", lambda text: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    ("int", r"[-+]?[0-9]+", int),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
]:
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(rf"(?:{pattern})\Z"), None)
    Yaml12.add_constructor(f"tag:yaml.org,2002:{kind}", lambda loader, node, make=make: make(loader.construct_scalar(node)))


def read(text):
    return yaml.load(text, Yaml12)


def maps_in(node, path=()):
    """(path, map) of every map that has keys of Gossamer's own: not of targets, whose keys are metrics."""
    if isinstance(node, dict):
        if path[-1:] != ("target",):
            yield path, node
        for key, value in node.items():
            yield from maps_in(value, (*path, key))


def with_mistake(scenario, rng):
    """A copy with one thing changed at random, which nearly always is a mistake; and what was done."""
    scenario = copy.deepcopy(scenario)
    path, section = rng.choice(list(maps_in(scenario)))
    key = rng.choice(list(section))
    how = rng.choice(["misspell", "type", "domain", "kind", "remove"])
    if how == "misspell":
        section[key + rng.choice("sx_")] = section.pop(key)
    elif how == "type":
        section[key] = rng.choice([{"a": 1}, [[]], "ten", True, 1.5, None])
    elif how == "domain":
        numbers = [(part, name) for _, part in maps_in(scenario) for name, value in part.items()
                   if type(value) in (int, float)]
        part, key = rng.choice(numbers)
        part[key] = rng.choice([-1, -1e9, 1e30, 0.5])
    elif how == "kind":
        part = rng.choice([part for _, part in maps_in(scenario) if "kind" in part])
        part["kind"] += "x"
    else:
        del section[key]
    return scenario, f"{how} {'.'.join(map(str, path))} {key}"


@unittest.skipIf(importlib.util.find_spec("jsonschema") is None, "missing: jsonschema")
class Schema(CommandTest):
    @classmethod
    def setUpClass(cls):
        import jsonschema

        printed = subprocess.run([GOSSAMER, "schema"], capture_output=True, text=True, check=True).stdout
        cls.schema = json.loads(printed)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def assert_accepted(self, scenario, name):
        errors = [f"{list(error.absolute_path)}: {error.message[:300]}" for error in self.validator.iter_errors(scenario)]
        self.assertEqual(errors, [], name)

    def drawn(self):
        """Random scenarios by their names, as files in the folder of the test."""
        scenarios = {}
        for number in range(DRAWN):
            files = random_scenarios.draw(7, number)
            for name, content in files.items():
                self.write(name, content)
            name = next(iter(files))
            scenarios[name] = read(files[name])
        return scenarios

    def checked(self, scenarios):
        """Which of the scenarios `gossamer check` takes."""
        done = self.gossamer("check", *scenarios, timeout=300)
        self.assertIn(done.returncode, (0, 2), done.stderr)
        taken = set(re.findall(r"(?m)^(\S+): ok: ", done.stdout))
        refused = set(re.findall(r"(?m)^([^\s:]+\.yaml):\d+:\d+: ", done.stderr))
        self.assertFalse(taken & refused)
        return taken

    def test_it_is_a_schema(self):
        self.validator.check_schema(self.schema)

    def test_it_accepts_the_scenarios_of_the_repository(self):
        paths = [path for path in SOURCE.glob("scenarios/**/*.yaml") if path.name != "claims.yaml"]
        self.assertGreater(len(paths), 60)
        self.assertTrue(any(trains_a_network(path) for path in paths))
        for path in paths:
            with self.subTest(path.relative_to(SOURCE)):
                self.assert_accepted(read(path.read_text()), path.name)

    def test_it_accepts_random_scenarios(self):
        for name, scenario in self.drawn().items():
            self.assert_accepted(scenario, name)

    def test_it_accepts_resolved_scenarios(self):
        """These have every key."""
        import h5py

        self.assert_done(self.run_small())
        with h5py.File(self.folder / "small.h5") as trace:
            self.assert_accepted(read(trace.attrs["scenario"]), "small")

    def test_it_refuses_only_what_check_refuses_and_most_of_it(self):
        rng, mistakes = random.Random(1), {}
        for name, scenario in self.drawn().items():
            wrong, what = with_mistake(scenario, rng)
            name = self.write(f"wrong_{name}", yaml.safe_dump(wrong, sort_keys=False))
            mistakes[name] = what, self.validator.is_valid(read((self.folder / name).read_text()))
        taken = self.checked(mistakes)
        both = 0
        for name, (what, is_valid) in mistakes.items():
            with self.subTest(name=name, what=what):
                if name in taken:
                    self.assertTrue(is_valid)
                elif what.startswith(("misspell", "kind")):
                    self.assertFalse(is_valid)
            both += name not in taken and not is_valid
        self.assertGreater(both, 200)

    def test_what_is_refused(self):
        good = "{topology: {kind: ring, nodes: 3}, problem: {kind: quadratic, targets: [[1], [2], [3]]}, " \
               "algorithm: {kind: dgd, step_size: 1e-1}, stop: {iterations: 1e2}}"
        self.assert_accepted(read(good), "good")
        self.assert_accepted(read(good.replace("kind: ring, nodes: 3", "ring: 3, seed: 2")), "short form")
        for old, new in [("nodes: 3", "nodes: three"), ("nodes: 3", "nodes: 0"), ("nodes: 3", "nodes: 2.5"),
                         (", nodes: 3", ""),
                         ("kind: ring, nodes: 3", "seed: 3"), ("kind: ring, nodes: 3", "ring: 3, nodes: 3"), ("kind: ring", "kind: rings"), ("step_size", "stepsize"),
                         ("1e-1", "{kind: inverse_sqrt}"), ("1e-1", "-1"), ("stop", "stops"), (", stop: {iterations: 1e2}", ""),
                         ("{iterations: 1e2}", "{}"), ("1e2}", "1e2, simulated_time: 3}"), ("1e2}", "1e2, simulated_time: 3 sec}"),
                         ("1e2}", "1e2}, network: {latency: 1}"), ("1e2}", "1e2}, network: {model: ideal, latency: 1 ms}"),
                         ("1e2}", "1e2}, record: {metrics: [los]}"), ("1e2}", "1e2, target: {los: 1}}"),
                         ("1e2}", "1e2}, seed: -1"), ("1e2}", "1e2}, mixing: file")]:
            with self.subTest(new=new):
                self.assertIn(old, good)
                self.assertFalse(self.validator.is_valid(read(good.replace(old, new))))

    def test_a_sweep_may_give_what_is_required(self):
        self.assert_accepted(read("{topology: {kind: ring}, sweep: {topology.nodes: [3, 4], algorithm.kind: [dgd]}}"), "sweep")
        self.assertFalse(self.validator.is_valid(read("{topology: {kinds: ring}, sweep: {seed: [1]}}")))

    def test_a_sweep_maps_paths_to_values(self):
        for sweep in ("{seed: [1]}", "{algorithm: {a: {kind: dgd}, b: ~}}", "{zip: {seed: [1], stop.iterations: [2]}}",
                      "{zip: [{seed: [1]}, {name: [a]}]}", "{seed: [1, 2], exclude: [{seed: 2}]}",
                      "{seed: [1, 2], also: [{where: {seed: 2}, set: {stop.iterations: 3}}]}"):
            self.assert_accepted(read(f"{{sweep: {sweep}}}"), sweep)
        for sweep in ("{}", "[seed]", "{seed: 1}", "{seed: []}", "{sweep: [1]}", "{sweep.seed: [1]}", "{zip: [seed]}",
                      "{zip: {seed: 1}}", "{zip: {}}", "{seed: [1], exclude: {seed: 1}}", "{seed: [1], exclude: [{}]}",
                      "{seed: [1], also: [{where: {seed: 1}}]}", "{seed: [1], also: [{where: {seed: 1}, set: {}}]}"):
            with self.subTest(sweep):
                self.assertFalse(self.validator.is_valid(read(f"{{sweep: {sweep}}}")))

    def test_a_sparse_compressor_has_k_or_a_fraction(self):
        scenario = "{topology: {ring: 3}, problem: {kind: quadratic, dimension: 5}, stop: {iterations: 1}, algorithm: {kind: " \
                   "choco_sgd, step_size: 0.1, consensus_step: 0.1, compressor: {kind: top_k, KEYS}}}"
        for keys, is_valid in [("k: 1", True), ("fraction: 0.1", True), ("k: 1, fraction: 0.1", False),
                               ("accounting: values", False)]:
            self.assertEqual(self.validator.is_valid(read(scenario.replace("KEYS", keys))), is_valid, keys)
        bare = scenario.replace("{kind: top_k, KEYS}", "top_k")
        self.assertFalse(self.validator.is_valid(read(bare)))
        self.assert_accepted(read(bare.replace("top_k", "scaled_sign")), "scaled_sign")
        for varied in (scenario.replace("KEYS", "accounting: values"), bare):
            varied = varied[:-1] + ", sweep: {algorithm.compressor.k: [1, 2]}}"
            self.assert_accepted(read(varied), varied)


if __name__ == "__main__":
    unittest.main()
