#!/usr/bin/python3
"""Notices results that have changed: small runs without data files, of every kind that a scenario can name.

    numerics.py record                  new runs, or all after `numerics` in scenarios/lab/trace/revision.hpp has been raised
    numerics.py compare

Sweeps keep finished runs as long as that number is the same. So it has to be raised with every change of a result,
which `compare`, a test, insists on. Results are compared to nine digits: mathematical libraries differ in the last.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py

RECORD = Path(__file__).with_name("numerics.json")
STEP = "{kind: piecewise, value: 0.1, factor: 0.5, at: [4]}"
BASE = {
    "seed": "3",
    "network": "{latency: 1 ms, bandwidth: 1 Mbit/s}",
    "compute": "{gradient: 2 ms}",
    "problem": "{kind: logistic, dataset: synthetic, partition: iid, batch_size: 5, synthetic: {samples: 60, features: 6}}",
    "stop": "{iterations: 12}",
}
DECENTRALIZED = {"topology": "{kind: ring, nodes: 5}", "algorithm": f"{{kind: dgd, step_size: {STEP}}}"}
WITH_SERVER = {"topology": "{kind: star, nodes: 4}", "algorithm": f"{{kind: sgd, step_size: {STEP}}}"}
SOCIAL = ("karate_club", "davis_southern_women", "florentine_families", "les_miserables")
DATA = "dataset: synthetic, batch_size: 5, synthetic: {samples: 60, features: 6, classes: %d}"
TEXT = "dataset: synthetic_text, batch_size: 5, synthetic_text: {samples: 60, test_samples: 20, features: 50, words: 6}"
SPIRAL = Path(__file__).resolve().parents[2] / "scenarios/models/numpy/spiral.py"
# What keys are set to that have to be given, unless a kind has its own below.
VALUES = {
    "step_size": STEP, "lambda": "0.01", "consensus_step": "0.3", "warmup": "4", "levels": "4",
    "p": "0.6", "degree": "2", "k": "2", "m": "2", "radius": "0.8",
    "shift": "0.5", "sigma": "0.5", "shape": "2", "mean": "1 ms",
    "racks": "2", "clusters": "2", "bottleneck_bandwidth": "200 kbit/s", "uplink_bandwidth": "200 kbit/s",
    "wan_bandwidth": "200 kbit/s", "wan_latency": "3 ms",
    "command": f"[/usr/bin/python3, {SPIRAL}]",
}
# Further keys of kinds, and values of their own.
ALGORITHMS = {
    "choco_sgd": {"compressor": "{kind: top_k, fraction: 0.4}"},
    "local_sgd": {"local_steps": "3", "participation": "0.5", "outer_momentum": "0.5"},
    "qrda_adagrad": {"quantizer": "threshold"},
}
COMPRESSORS = {"top_k": {"k": "3"}, "random_k": {"k": "3"}, "sparsify_min_variance": {"fraction": "0.5"},
               "sparsify_uniform": {"fraction": "0.5"}}
PROBLEMS = {"quadratic": {"dimension": "3"}, "process": {"options": "{hidden: 4}", "precision": "float64", "batch_size": "5"}}
FAULTS = {
    "loss": "{probability: 0.1, retransmit_after: 5 ms}",
    "jitter": "{kind: exponential, mean: 1 ms}",
    "outages": "{every: 20 ms, lasting: 5 ms}",
    "pauses": "{every: 20 ms, lasting: 5 ms}",
    "crashes": "{every: 20 ms, lasting: 5 ms}",
}
PATIENCE = {"wait_for": "2", "wait_at_most": "5 ms"}

Keys = dict[str, str]  # Of a kind, with their defaults, "(required)" where there is none.


def listed(gossamer: str, what: str) -> dict[str, Keys]:
    """The kinds in a list, without those that need a file, or libtorch, which rounds as it likes; "" where there is one."""
    found: dict[str, Keys] = {"": {}}
    text = subprocess.run([gossamer, "list", what], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        if kind := re.match(r"  (\w+): ", line):
            found[kind[1]] = {}
        elif key := re.match(r" {6}([\w.]+) +(\S+)", line):
            found[list(found)[-1]][key[1]] = key[2]
    return {kind: keys for kind, keys in found.items() if (kind or keys) and kind not in ("network", "file", "matrix", "trace")}


def section(kind: str, keys: Keys, more: Keys = {}, word: str = "kind") -> str:
    """A map of this kind with the keys that have to be given, and more."""
    required = [key for key, default in keys.items() if default == "(required)" and key not in more]
    if missing := [key for key in required if key not in VALUES]:
        sys.exit(f"{Path(__file__).name}: {kind} needs {missing[0]}; give it a value in VALUES")
    settings = {key: VALUES[key] for key in required} | more
    return "{" + ", ".join(f"{key}: {value}" for key, value in {word: kind, **settings}.items()) + "}"


def has_server(gossamer: str, algorithm: str) -> bool:
    """As the command says when it is put on a ring."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text_of({**BASE, **DECENTRALIZED, "algorithm": algorithm}))
        file.flush()
        return "has a server" in subprocess.run([gossamer, "check", file.name], capture_output=True, text=True).stderr


def text_of(sections: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in {"name": "numerics", **sections}.items())


def scenarios(gossamer: str) -> dict[str, dict[str, str]]:
    return {**of_algorithms(gossamer), **of_graphs(gossamer), **of_networks(gossamer), **of_compression(gossamer),
            **of_problems(gossamer)}


def of_algorithms(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}
    for name, keys in listed(gossamer, "algorithms").items():
        algorithm = section(name, keys, ALGORITHMS.get(name, {}))
        graph = WITH_SERVER if has_server(gossamer, algorithm) else DECENTRALIZED
        found[name] = {**BASE, **graph, "algorithm": algorithm}
        if "wait_for" in keys:
            patient = section(name, keys, ALGORITHMS.get(name, {}) | PATIENCE)
            found[f"{name} with patience"] = {**BASE, **graph, "algorithm": patient, "compute": "{kind: exponential, gradient: 2 ms}"}
        if "average" in keys:
            around = section(name, keys, {"local_steps": "3", "outer_momentum": "0.5"} if "local_steps" in keys else {})
            around = around[:-1] + ", average: ring_all_reduce}"
            found[f"{name} around a ring"] = {**BASE, **DECENTRALIZED, "algorithm": around}
    for kind in ("constant", "inverse_sqrt"):
        algorithm = f"{{kind: dgd, step_size: {{kind: {kind}, value: 0.1}}}}"
        found[f"schedule {kind}"] = {**BASE, **DECENTRALIZED, "algorithm": algorithm}
    return found


def of_graphs(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}
    for name, keys in listed(gossamer, "topologies").items():
        nodes = {} if name in SOCIAL else {"nodes": "4" if name == "hypercube" else "5"}
        topology = section(name, keys, nodes | ({"p": "0.3"} if name == "watts_strogatz" else {}))
        problem = "{kind: quadratic, dimension: 3}" if name in SOCIAL else BASE["problem"]
        algorithm = WITH_SERVER["algorithm"] if name == "star" else DECENTRALIZED["algorithm"]
        found[f"topology {name}"] = {**BASE, "topology": topology, "algorithm": algorithm, "problem": problem}
    for name in listed(gossamer, "mixings"):
        graph = "directed_ring" if name == "column_stochastic" else "ring"
        algorithm = f"{{kind: {'gradient_push' if name == 'column_stochastic' else 'dgd'}, step_size: {STEP}}}"
        found[f"mixing {name}"] = {**BASE, "topology": f"{{kind: {graph}, nodes: 5}}", "algorithm": algorithm, "mixing": name}
    return found


def of_networks(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}
    links = {"latency": "1 ms", "bandwidth": "100 kbit/s"}
    for name, keys in listed(gossamer, "networks").items():
        network = section(name, keys, {} if name == "ideal" else links | {"graph": "switch"}, "model")
        found[f"network {name}"] = {**BASE, **DECENTRALIZED, "network": network}
    for name, keys in listed(gossamer, "network_graphs").items():
        network = section("max_min_fair", {}, links | {"graph": section(name, keys)}, "model")
        found[f"network graph {name}"] = {**BASE, **DECENTRALIZED, "network": network}
    for name, keys in listed(gossamer, "compute").items():
        found[f"compute {name}"] = {**BASE, **DECENTRALIZED, "compute": section(name, keys, {"gradient": "2 ms"})}
    for name in listed(gossamer, "faults")[""]:
        if "." in name:
            continue
        algorithm = section("dgd", {"step_size": "(required)"}, PATIENCE if name == "crashes" else {})
        found[f"faults {name}"] = {**BASE, **DECENTRALIZED, "algorithm": algorithm, "faults": f"{{{name}: {FAULTS[name]}}}"}
    for name, keys in listed(gossamer, "jitters").items():
        found[f"jitter {name}"] = {**BASE, **DECENTRALIZED, "faults": f"{{jitter: {section(name, keys)}}}"}
    return found


def of_compression(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}
    for name, keys in listed(gossamer, "compressors").items():
        compressor = section(name, keys, COMPRESSORS.get(name, {}))
        algorithm = f"{{kind: sgd_ef, step_size: {STEP}, error_feedback: false, compressor: {compressor}}}"
        found[f"compressor {name}"] = {**BASE, **WITH_SERVER, "algorithm": algorithm}
    for name, keys in listed(gossamer, "quantizers").items():
        algorithm = f"{{kind: qcmd_adagrad, step_size: {STEP}, lambda: 0.01, quantizer: {section(name, keys)}}}"
        found[f"quantizer {name}"] = {**BASE, **WITH_SERVER, "algorithm": algorithm}
    top_k = f"{{kind: sgd_ef, step_size: {STEP}, compressor: {{kind: top_k, k: 3}}"
    for wire in ("float16", "bfloat16", "float64"):
        found[f"wire {wire}"] = {**BASE, **WITH_SERVER, "algorithm": f"{top_k}, wire: {wire}}}"}
    found["coding"] = {**BASE, **WITH_SERVER, "algorithm": top_k + "}", "coding": "{encode: 100 kbit/s, decode: 50 kbit/s}"}
    return found


def of_problems(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}
    for name, keys in listed(gossamer, "problems").items():
        if "dataset" in keys:
            problem = f"{{kind: {name}, {DATA % (4 if name == 'softmax' else 2)}}}"
        else:
            problem = section(name, keys, PROBLEMS.get(name, {}))
        found[f"problem {name}"] = {**BASE, **DECENTRALIZED, "problem": problem}
    found["problem softmax, two classes"] = {**BASE, **DECENTRALIZED, "problem": f"{{kind: softmax, {DATA % 2}}}"}
    found["problem logistic, text"] = {**BASE, **DECENTRALIZED, "problem": f"{{kind: logistic, {TEXT}}}"}
    for name, keys in listed(gossamer, "partitions").items():
        problem = f"{{kind: softmax, partition: {section(name, keys)}, {DATA % 4}}}"
        found[f"partition {name}"] = {**BASE, **DECENTRALIZED, "problem": problem}
    return found


def results(gossamer: str) -> dict[str, dict[str, float] | str]:
    """The last row of every run's metrics; where there is none, what the command said."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        scenario, trace = Path(folder, "s.yaml"), Path(folder, "s.h5")
        for name, sections in scenarios(gossamer).items():
            scenario.write_text(text_of(sections))
            done = subprocess.run([gossamer, "run", scenario, "-o", trace, "--quiet"], capture_output=True, text=True)
            if done.returncode != 0:
                found[name] = done.stderr.partition(": ")[2].strip()
                continue
            with h5py.File(trace) as file:
                found[name] = {metric: float(column[-1]) for metric, column in file["metrics"].items()}
                version = int(file.attrs["numerics"])
    return {"numerics": version, "runs": found}


def is_same(before: dict[str, float] | str, after: dict[str, float] | str) -> bool:
    if isinstance(before, str) or isinstance(after, str):
        return before == after
    return before.keys() <= after.keys() and all(
        math.isclose(value, after[name], rel_tol=1e-9, abs_tol=1e-12) or math.isnan(value) and math.isnan(after[name])
        for name, value in before.items())


def complaints(before: dict, after: dict) -> list[str]:
    """What has changed though the version has not, or the other way round."""
    changed = [name for name, run in before["runs"].items() if not is_same(run, after["runs"].get(name, "it is gone"))]
    if before["numerics"] != after["numerics"]:
        return [f"numerics is {after['numerics']}, and {before['numerics']} in {RECORD.name}; record it: numerics.py record"]
    return [f"{name}: its results have changed; raise `numerics` in revision.hpp, then: numerics.py record" for name in changed]


def may_record(before: dict, after: dict) -> bool:
    return before["numerics"] != after["numerics"] or not complaints(before, after)


def main() -> int:
    gossamer = os.environ.get("GOSSAMER") or str(Path(__file__).resolve().parents[2] / "build/release/gossamer")
    if sys.argv[1:] not in (["record"], ["compare"]):
        print("numerics.py: it takes record or compare", file=sys.stderr)
        return 2
    before, after = json.loads(RECORD.read_text()), results(gossamer)
    wrong = complaints(before, after)
    if sys.argv[1] == "record" and may_record(before, after):
        RECORD.write_text(json.dumps(after, indent=1) + "\n")
        return 0
    print("\n".join(wrong) or f"{len(after['runs'])} runs as recorded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
