"""Draws small random scenarios of all algorithms on random networks: graphs of links, speeds, coding, compute times,
faults, patience. Not all of them are valid: `gossamer check` and `gossamer run` have to agree on which are.
"""

from __future__ import annotations

import random
from typing import Any

import yaml

Section = dict[str, Any]

FIRST = {"step_size": 0.1}
DECENTRALIZED: dict[str, Section] = {
    "dgd": {}, "dadam": {}, "decentralized_amsgrad": {}, "decentralized_adam": {}, "decentralized_adagrad": {},
    "choco_sgd": {"consensus_step": 0.5}, "gradient_tracking": {}, "gradient_push": {}, "ad_psgd": {},
}
WITH_SERVER: dict[str, Section] = {
    "sgd": {}, "sgd_ef": {}, "signsgd": {}, "amsgrad": {}, "sparse_ams": {"compressor": {"kind": "top_k", "k": 1}},
    "cd_adam": {}, "ef21": {"bidirectional": True}, "onebit_adam": {"warmup": 2}, "qadam": {},
    "local_sgd": {"local_steps": 2}, "async_sgd": {}, "prox_gd": {"lambda": 0.01}, "cmd_adagrad": {"lambda": 0.01},
    "rda_adagrad": {"lambda": 0.01}, "qcmd_adagrad": {"lambda": 0.01}, "qrda_adagrad": {"lambda": 0.01},
}
TAKES_PATIENCE = {"dgd", "dadam", "decentralized_amsgrad", "decentralized_adam", "decentralized_adagrad", "choco_sgd",
                  "gradient_push", "sgd", "sgd_ef", "amsgrad", "sparse_ams", "local_sgd"}
ROUND_A_RING = {"sgd", "amsgrad", "local_sgd"}
LAWS: list[Section] = [{"kind": "exponential"}, {"kind": "shifted_exponential", "shift": 0.5},
                       {"kind": "lognormal", "sigma": 1}, {"kind": "gamma", "shape": 2}]


class Drawing:
    """One scenario of an algorithm."""

    def __init__(self, rng: random.Random, algorithm: str):
        self.rng, self.kind = rng, algorithm
        self.has_server = algorithm in WITH_SERVER
        self.nodes = rng.choice([2, 3, 4, 6])  # Those that compute.

    def draw(self) -> Section:
        sections: Section = {"seed": self.rng.randrange(1000), "algorithm": self.algorithm(), "topology": self.topology()}
        sections["network"] = self.network()
        sections["compute"] = self.compute()
        sections["problem"] = self.problem()
        if self.maybe(0.3):
            sections["coding"] = self.some({"encode": "1 Mbit/s", "decode": "100 kbit/s"}) or {"encode": "7 Mbit/s"}
        if self.maybe(0.6):
            sections["faults"] = self.faults()
        sections["stop"] = self.stop()
        sections["record"] = self.some({"every": self.one_of(1, 3, "2 ms"), "parameters": "final"})
        return sections

    def maybe(self, probability: float = 0.5) -> bool:
        return self.rng.random() < probability

    def one_of(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def some(self, section: Section, probability: float = 0.5) -> Section:
        return {key: value for key, value in section.items() if self.maybe(probability)}

    def algorithm(self) -> Section:
        algorithm = {"kind": self.kind, **FIRST, **{**DECENTRALIZED, **WITH_SERVER}[self.kind]}
        if self.kind in ROUND_A_RING and self.maybe(0.3):
            self.has_server = False
            return algorithm | {"average": "ring_all_reduce"}
        if self.kind in TAKES_PATIENCE and self.maybe():
            algorithm |= self.some({"wait_for": self.rng.randint(1, 2), "wait_at_most": f"{self.rng.randint(1, 9)} ms"})
        if self.kind == "async_sgd":
            algorithm |= self.some({"buffer": 2, "delay_adaptive": self.one_of("inverse", "drop")})
        return algorithm | self.some({"wire": self.one_of("float16", "float64")})

    def topology(self) -> Section:
        if self.has_server:
            return {"kind": "star", "nodes": self.nodes}
        kind = "ring" if self.kind in ROUND_A_RING else self.one_of(
            "ring", "ring", "path", "complete", "directed_ring", "one_peer_exponential", "random_matchings")
        return {"kind": kind, "nodes": self.nodes}

    def network(self) -> Section | str:
        if self.maybe(0.1):
            return "ideal"
        network = self.some({"latency": self.one_of("1 ms", "300 us"), "bandwidth": self.one_of("1 Mbit/s", "90 kbit/s"),
                             "header": "40 B"}, 0.8)
        if "bandwidth" in network and self.maybe():
            network["speed"] = ["3ms 0.25", "8ms 0", "10ms 2"]
        if self.maybe(0.4):
            network["model"] = "max_min_fair"
        elif self.maybe(0.3):
            network["mtu"] = "50 B"
        if self.maybe():
            network["graph"] = self.graph()
        return network

    def graph(self) -> Section | str:
        all_nodes = self.nodes + self.has_server
        graph = self.one_of(
            {"kind": "switch"},
            {"kind": "dumbbell", "bottleneck_bandwidth": "200 kbit/s", "bottleneck_latency": "2 ms"},
            {"kind": "racks", "racks": 2, "uplink_bandwidth": "300 kbit/s"},
            {"kind": "clusters", "clusters": 2, "wan_bandwidth": "1 Mbit/s", "wan_latency": "4 ms"})
        if graph["kind"] != "switch":
            listed = [self.rng.randrange(2) for _ in range(all_nodes)]
            graph |= self.some({"place": self.one_of("in_turn", "random", listed)})
        return graph | self.some({"down_bandwidth": "500 kbit/s"}, 0.2)

    def compute(self) -> Section:
        compute: Section = {"gradient": self.one_of("1 ms", "2.5 ms")} if self.maybe(0.9) else {}
        if self.maybe(0.3):
            compute["factors"] = [self.one_of(0, 0.5, 1, 3) for _ in range(self.nodes)]
        if self.maybe(0.4):
            compute |= self.one_of(*LAWS)
        return compute | self.some({"per_row": "100 us"}, 0.2)

    def problem(self) -> Section:
        if self.maybe():
            return {"kind": "quadratic", "dimension": self.rng.randint(1, 40)}
        return {"kind": "logistic", "dataset": "synthetic", "synthetic": {"samples": 60, "features": self.rng.randint(1, 9)},
                "partition": "iid", "batch_size": self.one_of("full", 5)}

    def times(self, who: list[int]) -> Section:
        if self.maybe():
            return {"every": f"{self.rng.randint(1, 30)} ms", "lasting": f"{self.rng.randint(1, 20)} ms"}
        names = " ".join(map(str, who))
        return {"schedule": [f"{names} {self.rng.randint(0, 30)}ms {self.rng.randint(1, 20)}ms" for _ in range(2)]}

    def faults(self) -> Section:
        other = self.nodes if self.has_server else 1
        faults = self.some({"loss": {"probability": self.one_of(0.01, 0.2)}, "outages": self.times([0, other]),
                            "pauses": self.times([1]), "jitter": {"mean": "1 ms", **self.one_of(*LAWS)}})
        if "loss" in faults and self.maybe(0.6):
            faults["loss"]["retransmit_after"] = "3 ms"
        if self.maybe(0.2):
            faults["crashes"] = self.times([1])
        return faults or {"pauses": self.times([0])}

    def stop(self) -> Section:
        if self.maybe(0.3):
            return {"simulated_time": f"{self.rng.randint(5, 60)} ms"}
        return {"iterations": self.rng.randint(1, 30)} | self.some({"simulated_time": "80 ms", "bits": 20_000}, 0.3)


def draw(number: int) -> str:
    """The scenario's text. Those of consecutive numbers are of the algorithms in turn."""
    algorithms = [*DECENTRALIZED, *WITH_SERVER]
    drawing = Drawing(random.Random(f"networks {number}"), algorithms[number % len(algorithms)])
    return yaml.safe_dump(drawing.draw(), sort_keys=False, default_flow_style=None, width=120)
