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
SMALL = {  # What kinds need besides their names.
    "erdos_renyi": ", p: 0.6",
    "random_regular": ", degree: 2",
    "watts_strogatz": ", k: 2, p: 0.3",
    "barabasi_albert": ", m: 2",
    "geometric": ", radius: 0.8",
    "shifted_exponential": ", shift: 0.5",
    "lognormal": ", sigma: 0.5",
    "gamma": ", shape: 2",
}
FAULTS = {
    "loss": "loss: {probability: 0.1, retransmit_after: 5 ms}",
    "jitter": "jitter: {kind: exponential, mean: 1 ms}",
    "outages": "outages: {every: 20 ms, lasting: 5 ms}",
    "pauses": "pauses: {every: 20 ms, lasting: 5 ms}",
}
MORE = {
    "choco_sgd": "consensus_step: 0.3, compressor: {kind: top_k, fraction: 0.4}",
    "local_sgd": "local_steps: 3, participation: 0.5, outer_momentum: 0.5",
    "onebit_adam": "warmup: 4",
    "prox_gd": "lambda: 0.01",
    "cmd_adagrad": "lambda: 0.01",
    "rda_adagrad": "lambda: 0.01",
    "qcmd_adagrad": "lambda: 0.01",
    "qrda_adagrad": "lambda: 0.01, quantizer: threshold",
}
GOSSIP = ("dgd", "dadam", "decentralized_amsgrad", "decentralized_adam", "decentralized_adagrad", "choco_sgd", "gradient_tracking",
          "ad_psgd", "gradient_push")
DATA = "dataset: synthetic, batch_size: 5, synthetic: {samples: 60, features: 6, classes: %d}"

SPIRAL = Path(__file__).resolve().parents[2] / "scenarios/models/numpy/spiral.py"
OWN = {"quadratic": ", dimension: 3",
       "process": f", command: [/usr/bin/python3, {SPIRAL}], options: {{hidden: 4}}, precision: float64, batch_size: 5"}


def names(gossamer: str, what: str) -> list[str]:
    """The kinds in a list: the lines that begin with a word, indented by two."""
    listed = subprocess.run([gossamer, "list", what], capture_output=True, text=True, check=True).stdout
    return [line.split()[0].rstrip(":") for line in listed.splitlines() if line.startswith("  ") and line[2:3].isalpha()]


# They need data and libtorch, and round as these do; or a file.
NOT_HERE = ("network", "file")


def scenarios(gossamer: str) -> dict[str, dict[str, str]]:
    found = {}

    def kinds(what: str) -> list[str]:
        return [name for name in names(gossamer, what) if name not in NOT_HERE]

    for name in names(gossamer, "algorithms"):
        keys = ", ".join(filter(None, [f"kind: {name}", f"step_size: {STEP}", MORE.get(name)]))
        found[name] = {**BASE, **(DECENTRALIZED if name in GOSSIP else WITH_SERVER), "algorithm": f"{{{keys}}}"}
    for name, more in (("sgd", ""), ("amsgrad", ""), ("local_sgd", ", local_steps: 3, outer_momentum: 0.5")):
        algorithm = f"{{kind: {name}, step_size: {STEP}{more}, average: ring_all_reduce}}"
        found[f"{name} around a ring"] = {**BASE, **DECENTRALIZED, "algorithm": algorithm}
    for name in kinds("topologies"):
        keys = "" if name in SOCIAL else f", nodes: {4 if name == 'hypercube' else 5}{SMALL.get(name, '')}"
        problem = "{kind: quadratic, dimension: 3}" if name in SOCIAL else BASE["problem"]
        algorithm = WITH_SERVER["algorithm"] if name == "star" else DECENTRALIZED["algorithm"]
        found[f"topology {name}"] = {**BASE, "topology": f"{{kind: {name}{keys}}}", "algorithm": algorithm, "problem": problem}
    for name in kinds("mixings"):
        graph = "directed_ring" if name == "column_stochastic" else "ring"
        algorithm = f"{{kind: {'gradient_push' if name == 'column_stochastic' else 'dgd'}, step_size: {STEP}}}"
        found[f"mixing {name}"] = {**BASE, "topology": f"{{kind: {graph}, nodes: 5}}", "algorithm": algorithm, "mixing": name}
    for name in kinds("networks"):
        links = "" if name == "ideal" else ", latency: 1 ms, bandwidth: 100 kbit/s, graph: switch"
        found[f"network {name}"] = {**BASE, **DECENTRALIZED, "network": f"{{model: {name}{links}}}"}
    for name in (name for name in kinds("compute") if name != "trace"):
        compute = f"{{kind: {name}, gradient: 2 ms{SMALL.get(name, '')}}}"
        found[f"compute {name}"] = {**BASE, **DECENTRALIZED, "compute": compute}
    for name, faults in FAULTS.items():
        found[f"faults {name}"] = {**BASE, **DECENTRALIZED, "faults": f"{{{faults}}}"}
    for name in names(gossamer, "compressors"):
        small = {"top_k": ", k: 3", "random_k": ", k: 3", "qsgd": ", levels: 4", "sparsify_min_variance": ", fraction: 0.5",
                 "sparsify_uniform": ", fraction: 0.5"}.get(name, "")
        algorithm = f"{{kind: sgd_ef, step_size: {STEP}, error_feedback: false, compressor: {{kind: {name}{small}}}}}"
        found[f"compressor {name}"] = {**BASE, **WITH_SERVER, "algorithm": algorithm}
    for wire in ("float16", "bfloat16", "float64"):
        algorithm = f"{{kind: sgd_ef, step_size: {STEP}, compressor: {{kind: top_k, k: 3}}, wire: {wire}}}"
        found[f"wire {wire}"] = {**BASE, **WITH_SERVER, "algorithm": algorithm}
    for name in kinds("problems"):
        data = OWN.get(name, ", " + DATA % (4 if name == "softmax" else 2))
        found[f"problem {name}"] = {**BASE, **DECENTRALIZED, "problem": f"{{kind: {name}{data}}}"}
    found["problem softmax, two classes"] = {**BASE, **DECENTRALIZED, "problem": f"{{kind: softmax, {DATA % 2}}}"}
    for name in kinds("partitions"):
        problem = f"{{kind: softmax, partition: {name}, {DATA % 4}}}"
        found[f"partition {name}"] = {**BASE, **DECENTRALIZED, "problem": problem}
    return found


def results(gossamer: str) -> dict[str, dict[str, float] | str]:
    """The last row of every run's metrics; where there is none, what the command said."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        scenario, trace = Path(folder, "s.yaml"), Path(folder, "s.h5")
        for name, sections in scenarios(gossamer).items():
            scenario.write_text("".join(f"{key}: {value}\n" for key, value in {"name": "numerics", **sections}.items()))
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
