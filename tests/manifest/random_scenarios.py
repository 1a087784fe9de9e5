#!/usr/bin/python3
"""Draws random scenarios that are valid and cheap, and that between them name every kind and every key.

No data files are needed. Edge lists and matrices W are written beside the scenarios that name them. The same seed
gives the same scenarios; those numbered n are the same however many are drawn.

    random_scenarios.py FOLDER [--count N] [--seed S] [--gossamer COMMAND]
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Section = dict[str, Any]
Edge = tuple[int, int]
Number = int | float

# The keys of each algorithm, beside step_size and wire. With a server: those that work on the star.
DECENTRALIZED = {
    "dgd": [],
    "dadam": ["beta1", "beta2", "beta3", "epsilon"],
    "decentralized_amsgrad": ["beta1", "beta2", "epsilon"],
    "decentralized_adam": ["beta1", "beta2", "epsilon"],
    "decentralized_adagrad": ["beta1", "beta2", "epsilon"],
}
WITH_SERVER = {
    "sgd": ["weight_decay"],
    "sgd_ef": ["weight_decay", "compressor", "error_feedback"],
    "signsgd": ["weight_decay"],
    "amsgrad": ["beta1", "beta2", "nu", "weight_decay"],
    "sparse_ams": ["beta1", "beta2", "nu", "weight_decay", "compressor", "error_feedback"],
    "cd_adam": ["beta1", "beta2", "nu", "weight_decay", "compressor"],
    "ef21": ["weight_decay", "compressor", "bidirectional"],
    "onebit_adam": ["beta1", "beta2", "nu", "weight_decay", "compressor", "warmup"],
    "qadam": ["beta1", "beta2", "nu", "weight_decay", "compressor"],
    "prox_gd": ["lambda"],
    "cmd_adagrad": ["lambda", "delta"],
    "rda_adagrad": ["lambda", "delta"],
    "qcmd_adagrad": ["lambda", "delta", "quantizer", "both_ways"],
    "qrda_adagrad": ["lambda", "delta", "quantizer", "both_ways"],
}
REQUIRED = {"lambda", "warmup"}
VALUES: dict[str, list[Number | bool]] = {
    "beta1": [0, 0.5, 0.9],
    "beta2": [0, 0.9, 0.999],
    "beta3": [0, 0.9, 0.99],
    "epsilon": [1e-8, 1e-4, 0.1],
    "nu": [1e-10, 1e-4, 0.1],
    "delta": [1e-10, 1e-4, 0.1],
    "weight_decay": [0, 1e-3, 0.1],
    "lambda": [0, 1e-4, 0.01, 0.1],
    "warmup": [1, 3, 10, 100],
    "error_feedback": [True, False],
    "bidirectional": [True, False],
    "both_ways": [True, False],
}
COMPRESSORS = ["identity", "scaled_sign", "top_k", "random_k", "ternary", "threshold", "qsgd", "sparsify_min_variance",
               "sparsify_uniform", "sign"]
QUANTIZERS = ["threshold", "ternary"]
TOPOLOGIES = ["ring", "path", "torus", "grid", "complete", "two_cliques", "hypercube", "star", "tree", "exponential",
              "erdos_renyi", "random_regular", "watts_strogatz", "barabasi_albert", "geometric", "karate_club",
              "davis_southern_women", "florentine_families", "les_miserables", "file"]
OBSERVED = {"karate_club": 34, "davis_southern_women": 32, "florentine_families": 15, "les_miserables": 77}  # Nodes.
REGULAR = {"ring", "torus", "complete", "hypercube", "exponential", "random_regular"}

# Texts as scenarios have them, with what they mean: in nanoseconds, in bits a second, in bits.
TIMES = {"0 ns": 0, "700 ns": 700, "50 us": 50_000, "1.5 ms": 1_500_000, "10 ms": 10_000_000}
BANDWIDTHS = {"100 kbit/s": 1e5, "1 Mbit/s": 1e6, "30 Mbit/s": 3e7, "unlimited": float("inf")}
HEADERS = {"0 B": 0, "7 B": 56, "40 B": 320}

METRICS = ["loss", "grad_norm", "suboptimality", "consensus", "train_accuracy", "test_loss", "test_accuracy", "sparsity",
           "compression_error"]


@dataclass(frozen=True)
class Card:
    """What a scenario is there for."""

    algorithm: str
    fits: str  # Its compressor or quantizer, if it takes one; of a decentralized algorithm the topology.

    @property
    def has_server(self) -> bool:
        return self.algorithm in WITH_SERVER


@dataclass
class Graph:
    """What other sections have to know of the topology. `edges`: where they are known without building it."""

    kind: str
    nodes: int
    edges: list[Edge] | None = None
    has_link_settings: bool = False


@dataclass
class Pace:
    """What decides how long a round takes: in ns, bits a second and bits."""

    computing: float = 0
    latency: float = 0
    bandwidth: float = float("inf")
    header: int = 0


def cards(seed: int) -> tuple[list[Card], list[Card]]:
    """What is drawn in turn: with a server, and decentralized; each in a random order."""
    server = []
    for algorithm, keys in WITH_SERVER.items():
        if "compressor" in keys:
            # `sign` keeps no length, so that there is no error to feed back.
            server += [Card(algorithm, fit) for fit in COMPRESSORS if fit != "sign" or "error_feedback" in keys]
        elif "quantizer" in keys:
            server += 3 * [Card(algorithm, fit) for fit in QUANTIZERS]
        else:
            server += 4 * [Card(algorithm, "")]
    decentralized = [Card(algorithm, topology) for algorithm in DECENTRALIZED for topology in TOPOLOGIES]
    rng = random.Random(seed)
    rng.shuffle(server)
    rng.shuffle(decentralized)
    return server, decentralized


class Drawing:
    """One scenario. Sections are drawn in the order in which they depend on each other."""

    def __init__(self, rng: random.Random, card: Card, name: str, has_zero_weights: bool):
        self.rng, self.card, self.name, self.has_zero_weights = rng, card, name, has_zero_weights
        self.files: dict[str, str] = {}  # What lies beside the scenario.
        self.pace = Pace()
        # Each is known once its section is drawn.
        self.graph = Graph("", 0)
        self.workers = 0
        self.dimension = 0
        self.metrics: list[str] = []

    def draw(self) -> dict[str, str]:
        """The files by their names, the scenario first."""
        sections: Section = {"name": self.name, "seed": self.rng.choice([1, 2, self.rng.randrange(2**63)])}
        sections["topology"] = self.topology()
        # The server of a star has an objective of its own only where nobody treats it as a server.
        self.workers = self.graph.nodes - 1 if self.card.has_server else self.graph.nodes
        if not self.card.has_server:
            self.put(sections, "mixing", self.mixing())
        self.put(sections, "network", self.network())
        self.put(sections, "compute", self.compute())
        sections["problem"] = self.problem()
        sections["algorithm"] = self.algorithm()
        sections["stop"] = self.stop()
        self.put(sections, "record", self.record())
        text = yaml.safe_dump(sections, sort_keys=False, default_flow_style=None, width=120)
        return {f"{self.name}.yaml": text, **self.files}

    @staticmethod
    def put(sections: Section, key: str, value: Any) -> None:
        """Leaves out what is empty: then the default is what is tried."""
        if value:
            sections[key] = value

    def maybe(self, probability: float = 0.5) -> bool:
        return self.rng.random() < probability

    def log_uniform(self, low: float, high: float) -> float:
        return float(f"{low * (high / low) ** self.rng.random():.3g}")

    def some(self, keys: dict[str, Callable[[], Any]], probability: float = 0.5) -> Section:
        """Some of the keys, each with a value."""
        return {key: value() for key, value in keys.items() if self.maybe(probability)}

    # ---- The graph and W

    def topology(self) -> Section:
        rng = self.rng
        kind = "star" if self.card.has_server else self.card.fits
        if kind == "file":
            return self.edge_list()
        nodes = rng.choice([1, 2, 3, 4, 5, 6, 8, 9, 12])
        if kind in ("ring", "star", "complete") and self.has_zero_weights:
            nodes = max(nodes, 4)
        topology: Section = {"kind": kind, "nodes": nodes}
        if kind == "hypercube":
            topology["nodes"] = nodes = rng.choice([1, 2, 4, 8])
        elif kind == "tree" and self.maybe():
            topology["branching"] = rng.randint(1, 4)
        elif kind == "erdos_renyi":
            topology["p"] = rng.choice([0.4, 0.6, 0.8, 1])
        elif kind == "random_regular":
            topology["nodes"] = nodes = rng.choice([4, 6, 8, 10])
            topology["degree"] = rng.randint(2, nodes - 1)
        elif kind == "watts_strogatz":
            topology["nodes"] = nodes = rng.choice([5, 6, 8, 10])
            topology["k"] = rng.choice([2, 4])
            topology["p"] = rng.choice([0, 0.1, 0.5, 1])
        elif kind == "barabasi_albert":
            topology["nodes"] = nodes = rng.choice([4, 6, 8, 10])
            topology["m"] = rng.randint(1, 3)
        elif kind == "geometric":
            topology["radius"] = rng.choice([0.5, 0.7, 1, 1.5])
        elif kind in OBSERVED:
            topology = {"kind": kind}
            nodes = OBSERVED[kind]
        edges = {
            "ring": lambda: [(i, (i + 1) % nodes) for i in range(nodes)] if nodes > 2 else [(0, 1)][: nodes - 1],
            "path": lambda: [(i, i + 1) for i in range(nodes - 1)],
            "complete": lambda: [(i, j) for i in range(nodes) for j in range(i + 1, nodes)],
            "star": lambda: [(i, nodes) for i in range(nodes)],
        }
        self.graph = Graph(kind, nodes + (kind == "star"), edges[kind]() if kind in edges else None)
        return topology

    def edge_list(self) -> Section:
        """A random tree and some more edges, in any order; in some files links have settings."""
        rng = self.rng
        nodes = rng.randint(3, 10)
        edges = {(rng.randrange(j), j) for j in range(1, nodes)}
        for _ in range(rng.randint(0, nodes)):
            u, v = sorted(rng.sample(range(nodes), 2))
            edges.add((u, v))
        order = sorted(edges)
        rng.shuffle(order)
        self.graph = Graph("file", nodes, sorted(edges), has_link_settings=self.maybe(0.6))
        lines = ["# u v, and what is the link's own"]
        for edge in order:
            words = [str(node) for node in (edge if self.maybe() else edge[::-1])]
            if self.graph.has_link_settings and (self.maybe() or edge == order[0]):
                for key, value in self.some({"latency": self.latency, "bandwidth": self.bandwidth}, 0.7).items():
                    words.append(f"{key}={value.replace(' ', '')}")
            lines.append(" ".join(words))
        self.graph.has_link_settings = any("=" in line for line in lines)
        path = f"{self.name}.edges.txt"
        self.files[path] = "\n".join(lines) + "\n"
        return {"kind": "file", "path": path, **self.some({"nodes": lambda: nodes}, 0.3)}

    def mixing(self) -> Section | str:
        kinds = ["", "metropolis", "max_degree", "lazy", "optimal"]
        if self.graph.kind in REGULAR:
            kinds += ["uniform_neighbors"]
        if self.graph.edges is not None and self.graph.nodes > 1:
            kinds += 2 * ["file"]
        kind = "file" if self.has_zero_weights else self.rng.choice(kinds)
        return {"kind": "file", "path": self.matrix()} if kind == "file" else kind

    def matrix(self) -> str:
        """A doubly stochastic W with a weight above 0 on every edge, unless zeros are wanted."""
        rng, nodes, edges = self.rng, self.graph.nodes, self.graph.edges
        assert edges is not None
        w = [[0.0] * nodes for _ in range(nodes)]
        if self.graph.kind in ("ring", "complete") and nodes > 2 and self.maybe():
            # Node i hears node i + s with the weight share[s], so that W need not be symmetric.
            shifts = [0, 1, nodes - 1] if self.graph.kind == "ring" else list(range(nodes))
            share = {shift: rng.uniform(0.1, 1) for shift in shifts}
            if self.has_zero_weights:
                share[nodes - 1] = 0
            total = sum(share.values())
            for i in range(nodes):
                for shift, part in share.items():
                    w[i][(i + shift) % nodes] = part / total
        else:
            degree = max(sum(node in edge for edge in edges) for node in range(nodes))
            for u, v in edges:
                w[u][v] = w[v][u] = rng.uniform(0.1, 0.9) / degree
            if self.has_zero_weights:
                for u, v in rng.sample(edges, max(1, len(edges) // 4)):
                    w[u][v] = w[v][u] = 0
            for i in range(nodes):
                w[i][i] = 1 - sum(w[i])
        if nodes > 3 and self.maybe():
            linked = {*edges, *((v, u) for u, v in edges), *((i, i) for i in range(nodes))}
            entries = [(i, j) for i, j in sorted(linked) if w[i][j] > 0 or self.maybe()]
            rng.shuffle(entries)
            lines = [f"{i} {j} {w[i][j]!r}" for i, j in entries]
        else:
            lines = [" ".join(map(repr, row)) for row in w]
        path = f"{self.name}.W.txt"
        self.files[path] = "\n".join(["# W", *lines]) + "\n"
        return path

    # ---- Time

    def latency(self) -> str:
        text = self.rng.choice(list(TIMES))
        self.pace.latency = max(self.pace.latency, TIMES[text])
        return text

    def bandwidth(self) -> str:
        text = self.rng.choice(list(BANDWIDTHS))
        self.pace.bandwidth = min(self.pace.bandwidth, BANDWIDTHS[text])
        return text

    def network(self) -> Section | str:
        if not self.graph.has_link_settings and self.maybe(0.15):
            return "ideal"
        keys = {"model": lambda: "store_and_forward", "latency": self.latency, "bandwidth": self.bandwidth}
        network = self.some(keys, 0.8)
        if self.maybe():
            network["header"] = self.rng.choice(list(HEADERS))
            self.pace.header = HEADERS[network["header"]]
        if not self.graph.has_link_settings and self.maybe(0.4):
            switch: Section = {"kind": "switch"}
            if self.card.has_server:
                switch |= self.some({"server_latency": self.latency, "server_bandwidth": self.bandwidth})
            network["graph"] = switch if len(switch) > 1 else "switch"
        elif self.maybe(0.1):
            network["graph"] = "topology"
        return network

    def compute(self) -> Section:
        if self.maybe(0.3):
            return {}
        compute: Section = {"gradient": self.rng.choice([time for time, ns in TIMES.items() if ns > 0])}
        slowest = 1.0
        if self.maybe():
            # One of them above 0, so that time passes.
            factors = [self.rng.choice([0, 0.5, 1, 1, 2.5, 4]) for _ in range(self.workers - 1)]
            factors.insert(self.rng.randint(0, self.workers - 1), self.rng.choice([0.7, 1, 3]))
            compute["factors"], slowest = factors, max(factors)
        self.pace.computing = slowest * TIMES[compute["gradient"]]
        return compute

    # ---- The problem

    def is_always_fed_back(self) -> bool:
        """Whether the compressor has to be a contraction, whatever the keys."""
        keys = WITH_SERVER.get(self.card.algorithm, [])
        return "compressor" in keys and "error_feedback" not in keys

    def problem(self) -> Section:
        """Sets `dimension`, and `metrics` to those that the run will have."""
        rng = self.rng
        # Where it is always fed back, ternary takes no more than 8 coordinates.
        is_small = self.card.fits == "ternary" and self.is_always_fed_back()
        kind = rng.choice(["quadratic", "logistic", "logistic_nonconvex", "hinge", "least_squares"]
                          + ([] if is_small else ["softmax"]))
        self.metrics = ["loss", "grad_norm", "consensus"]
        if kind == "quadratic":
            problem = self.quadratic(rng.randint(1, 8) if is_small else rng.choice([1, 2, 3, 7, 16, 65, 300, 3000]))
        else:
            problem = {"kind": kind, **self.data(kind, rng.randint(1, 8) if is_small else rng.randint(1, 40))}
            self.metrics += ["train_accuracy"] if kind != "least_squares" else []
        if self.card.algorithm in ("qcmd_adagrad", "qrda_adagrad"):
            self.metrics += ["compression_error"]
        if "lambda" in WITH_SERVER.get(self.card.algorithm, []):
            self.metrics += ["sparsity"]
        if self.maybe(0.6):
            point = [round(rng.gauss(0, 1), 2) for _ in range(self.dimension)]
            problem["x0"] = rng.choice(["zeros", "random", "random", point if self.dimension <= 100 else "random"])
        if self.maybe(0.2):
            problem["optimal_value"] = round(rng.uniform(-1, 1), 2)
        if kind == "quadratic" or "optimal_value" in problem:
            self.metrics += ["suboptimality"]
        return problem

    def quadratic(self, dimension: int) -> Section:
        self.dimension = dimension
        if dimension > 20 or self.maybe():
            return {"kind": "quadratic", "dimension": dimension}
        point = lambda: [round(self.rng.gauss(0, 2), 2) for _ in range(dimension)]
        return {"kind": "quadratic", "targets": [point() for _ in range(self.workers)]}

    def data(self, kind: str, features: int) -> Section:
        rng = self.rng
        dataset = rng.choice(["synthetic", "synthetic", "synthetic_text"])
        samples = rng.randint(4 * self.workers, 4 * self.workers + 80)
        classes = rng.randint(2, 5) if kind == "softmax" and dataset == "synthetic" else 2
        given: Section = {"samples": samples, "features": features, "test_samples": rng.choice([0, 1, 20])}
        if dataset == "synthetic":
            given["classes"] = classes
            given |= self.some({"density": lambda: rng.choice([0.1, 0.5, 1]), "noise": lambda: rng.choice([0, 0.2])})
        else:
            given["words"] = rng.randint(1, features)
            given |= self.some({
                "like": lambda: rng.choice(["rcv1", "news20"]),
                "exponent": lambda: rng.choice([0, 0.7, 1.5]),
                "informative": lambda: rng.choice([0, 0.5, 1]),
                "noise": lambda: rng.choice([0, 0.2]),
            })
        data: Section = {"dataset": dataset, dataset: given}
        if given["test_samples"] > 0:
            self.metrics += ["test_loss", "test_accuracy"] if kind != "least_squares" else ["test_loss"]
        if self.maybe(0.8):
            data["partition"] = self.partition(classes)
        if self.maybe(0.7):
            # Some node has as many rows as the mean.
            data["batch_size"] = rng.choice(["full", 1, rng.randint(1, samples // self.workers)])
        self.dimension = features
        if kind == "softmax":
            data |= self.some({"bias": lambda: rng.choice([True, False])})
            self.dimension = (features + bool(data.get("bias"))) * classes
        regularizer = "lambda" if kind == "logistic_nonconvex" else "l2"
        return data | self.some({regularizer: lambda: rng.choice([0, 1e-3, 0.1])})

    def partition(self, classes: int) -> Section | str:
        rng = self.rng
        kind = rng.choice(["contiguous", "iid", "labels_per_node", "dirichlet"])
        if kind == "labels_per_node":
            # Together the nodes hold every label.
            return {kind: rng.randint(min(classes, -(-classes // self.workers)), classes)}
        return {kind: rng.choice([0.05, 0.5, 5])} if kind == "dirichlet" and self.maybe(0.8) else kind

    # ---- The algorithm

    def algorithm(self) -> Section:
        keys = {**DECENTRALIZED, **WITH_SERVER}[self.card.algorithm]
        algorithm: Section = {"kind": self.card.algorithm, "step_size": self.step_size()}
        for key in keys:
            if key in VALUES and (key in REQUIRED or self.maybe()):
                algorithm[key] = self.rng.choice(VALUES[key])
        if "compressor" in keys:
            # `sign` keeps no length, and `ternary` of more than 8 coordinates adds more than it keeps.
            if self.card.fits == "sign" or (self.card.fits == "ternary" and self.dimension > 8):
                algorithm["error_feedback"] = False
            is_fed_back = algorithm.get("error_feedback", True)
            algorithm["compressor"] = self.compressor(self.card.fits, is_fed_back)
        elif "quantizer" in keys:
            algorithm["quantizer"] = self.compressor(self.card.fits, is_fed_back=False)
        if self.maybe(0.6):
            algorithm["wire"] = self.rng.choice(["float16", "bfloat16", "float32", "float64"])
        return algorithm

    def step_size(self) -> Section | Number:
        value = self.log_uniform(1e-3, 0.5)
        if self.maybe(0.08):
            value = float(f"{10 ** self.rng.uniform(1, 160):.3g}")  # Many of these diverge.
        kind = self.rng.choice(["number", "number", "constant", "inverse_sqrt", "piecewise"])
        if kind == "number":
            return value
        schedule: Section = {"kind": kind, "value": value}
        if kind == "piecewise":
            schedule |= self.some({"factor": lambda: self.rng.choice([0.1, 0.5, 2])})
            schedule["at"] = sorted(self.rng.sample(range(1, 40), self.rng.randint(1, 3)))
        return schedule

    def compressor(self, kind: str, is_fed_back: bool) -> Section | str:
        """One that is a contraction where it is fed back."""
        rng, d = self.rng, self.dimension
        if kind == "threshold":
            return {kind: self.maybe()} if self.maybe() else kind
        if kind == "qsgd":
            least = int(d**0.5) + 1 if is_fed_back else 1
            return {"kind": kind, "levels": least + rng.choice([0, 1, 3, 30])}
        if kind not in ("top_k", "random_k", "sparsify_min_variance", "sparsify_uniform"):
            return kind
        more = self.some({"unbiased": self.maybe, "shared_seed": self.maybe}) if kind == "random_k" else {}
        needs_half = is_fed_back and (kind.startswith("sparsify") or more.get("unbiased"))
        if self.maybe():
            size: Section = {"k": rng.randint(d // 2 + 1 if needs_half else 1, d)}
        else:
            size = {"fraction": rng.choice([0.8, 1] if needs_half else [0.01, 0.3, 0.8, 1])}
        accounting = self.some({"accounting": lambda: rng.choice(["wire", "values", "pairs"])})
        return {"kind": kind, **size, **accounting, **more}

    # ---- The end, and what is recorded

    def time(self, rounds: float) -> str:
        """About what so many rounds take; a single node sends nothing."""
        pace = self.pace
        sending = 2 * pace.latency + (32 * self.dimension + pace.header) * 1e9 / pace.bandwidth
        a_round = pace.computing + sending * (self.graph.nodes > 1)
        return f"{max(1, round(rounds * a_round))} ns"

    def stop(self) -> Section:
        rng = self.rng
        time_passes = self.pace.computing > 0 or (self.pace.latency > 0 and self.graph.nodes > 1)
        if time_passes and self.maybe(0.15):
            return {"simulated_time": self.time(rng.uniform(3, 40))}
        stop: Section = {"iterations": rng.randint(1, 60)}
        if time_passes and self.maybe(0.25):
            stop["simulated_time"] = self.time(rng.uniform(3, 60))
        if self.maybe(0.25):
            bits = 32 * self.dimension * self.graph.nodes * rng.randint(2, 80)
            stop["bits"] = rng.choice([bits, f"{bits} bit"])
        if self.maybe(0.25):
            # At the initial point all nodes agree, so consensus alone would end the run there.
            metrics = [rng.choice([metric for metric in self.metrics if metric != "consensus"])]
            if self.maybe(0.3):
                metrics.append("consensus")
            rises = {"train_accuracy": [0.5, 0.8], "test_accuracy": [0.5, 0.8], "sparsity": [0.1, 0.5]}
            stop["target"] = {metric: rng.choice(rises.get(metric, [0.01, 0.1, 0.5])) for metric in metrics}
        return stop

    def record(self) -> Section:
        rng = self.rng
        return self.some({
            "every": lambda: self.time(rng.uniform(0.3, 5)) if self.maybe(0.4) else rng.choice([1, 2, 7, 1000]),
            "parameters": lambda: rng.choice(["final", "final", "none"]),
            "metrics": lambda: rng.sample(self.metrics, rng.randint(1, len(self.metrics))) + rng.choice([[], ["bits"]]),
            "nodes": lambda: rng.choice([True, False]),
        })


def draw(seed: int, number: int, attempt: int = 0) -> dict[str, str]:
    """The files of a scenario by their names, the scenario first."""
    server, decentralized = cards(seed)
    half = number // 2
    turn, place = divmod(number, 54)  # 27 has no divisor in common with the number of cards: none is always left out.
    has_zero_weights = place == 48
    if has_zero_weights:
        card = Card(list(DECENTRALIZED)[turn % 5], ["file", "ring", "complete", "star"][turn % 4])
    elif number % 2 == 0:
        card = decentralized[half % len(decentralized)]
    else:
        card = server[half % len(server)]
    mark = "zero_weight_" * has_zero_weights
    name = mark + "_".join(filter(None, [f"seed{seed}", f"{number:04}", card.algorithm, card.fits]))
    return Drawing(random.Random(f"{seed} {number} {attempt}"), card, name, has_zero_weights).draw()


def write(folder: Path, count: int, seed: int, gossamer: str) -> list[Path]:
    """Draws until `gossamer check` agrees: a random graph may not be connected. Returns the scenarios' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    scenarios = []
    for number in range(count):
        for attempt in range(10):
            files = draw(seed, number, attempt)
            for name, text in files.items():
                (folder / name).write_text(text)
            path = folder / next(iter(files))
            checked = subprocess.run([gossamer, "check", path], capture_output=True, text=True)
            if checked.returncode == 0:
                break
            print(f"drawn again: {checked.stderr.strip()}", file=sys.stderr)
            for name in files:
                (folder / name).unlink()
        else:
            raise RuntimeError(f"{path}: refused ten times; what is drawn should be valid")
        scenarios.append(path)
    return scenarios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--gossamer", default=os.environ.get("GOSSAMER", "gossamer"), metavar="COMMAND")
    options = parser.parse_args()
    print(f"{len(write(options.folder, options.count, options.seed, options.gossamer))} scenarios in {options.folder}")


if __name__ == "__main__":
    main()
