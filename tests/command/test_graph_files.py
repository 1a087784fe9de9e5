"""Graphs and mixing matrices from files, as the command reads them: what it says, and what the trace keeps."""

import unittest

import h5py
import numpy as np
from test_command import SMALL, CommandTest

FILE = """\
topology: {kind: file, path: graph.txt}
network: {latency: 1 ms, bandwidth: 10 Mbit/s}
problem: {kind: quadratic, dimension: 1000}
algorithm: {kind: dgd, step_size: 0.5}
stop: {iterations: 2}
"""
RING = """\
topology: {kind: ring, nodes: 4}
mixing: {kind: file, path: W.txt}
problem: {kind: quadratic, targets: [[1], [2], [3], [6]]}
algorithm: {kind: dgd, step_size: 0.1, wire: float64}
stop: {iterations: 20}
record: {parameters: final}
"""


class MissingFiles(CommandTest):
    def test_the_scenario_says_where_they_are_named(self):
        self.write("s.yaml", SMALL)
        for key in ("topology={kind: file, path: no}", "network={speed_file: no}", "compute={kind: trace, path: no}",
                    "mixing={kind: file, path: no}", "faults={pauses: {path: no}}"):
            name, value = key.split("=")
            lines = [line for line in SMALL.splitlines() if not line.startswith(name + ":")]
            self.write("s.yaml", "\n".join([f"{name}: {value}", *lines]) + "\n")
            self.assert_refused(self.gossamer("check", "s.yaml"), r"s\.yaml:1:\d+: no: cannot be opened: No such file")


class GraphFiles(CommandTest):
    def trace(self, scenario, graph, *arguments, notes="", name="graph.txt"):
        self.write(name, graph)
        self.write("s.yaml", scenario)
        done = self.gossamer("run", "s.yaml", "--quiet", "-o", "s.h5", *arguments)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", notes))
        with h5py.File(self.folder / "s.h5") as file:
            found = {}
            file.visititems(lambda place, item: found.update({place: item[()]} if isinstance(item, h5py.Dataset) else {}))
            return found, dict(file["inputs"].attrs), dict(file.get("topology/mixing_matrix", file).attrs)

    def test_names_are_kept_and_notes_are_said(self):
        found, sizes, _ = self.trace(FILE, "Bern Oslo {}\nOslo Rome {'weight': 2}\nRome Rome {}\n", notes=(
            "graph.txt: note: of edges it uses latency and bandwidth, and not: weight\n"
            "graph.txt: note: loops are left out: 1\n"
            "graph.txt: note: its nodes, Bern to Rome, are numbered 0 to 2 in this order\n"))
        self.assertEqual([name.decode() for name in found["topology/names"]], ["Bern", "Oslo", "Rome"])
        np.testing.assert_array_equal(found["topology/edges"], [[0, 1], [1, 2]])
        self.assertEqual(sizes, {"topology.nodes": 3})
        again = self.gossamer("run", "s.h5", "--quiet")
        self.assertEqual(again.returncode, 0)
        self.assertEqual((self.folder / "s.h5").read_bytes(), (self.folder / "s-again.h5").read_bytes())
        shown = self.gossamer("topology", "s.yaml")
        self.assertIn("\nnodes               0 Bern, 1 Oslo, 2 Rome\n", shown.stdout)
        swept = self.gossamer("sweep", "s.yaml", "--set", "sweep={seed: [1, 2, 3]}", "--quiet")
        self.assertEqual((swept.returncode, swept.stderr.count("loops")), (0, 1))  # Each note once.
        self.assertEqual(self.gossamer("check", "s.yaml").stderr.count("\n"), 3)
        self.write("graph.txt", "Bern Oslo\nRome Paris\n")
        self.assert_refused(self.gossamer("run", "s.yaml"),
                            r"graph\.txt: the graph is not connected: 2 of 4 nodes cannot be reached from node 0 \(Bern\), for "
                            r"instance node 2 \(Paris\)")

    def test_the_two_ways_of_a_link_may_differ(self):
        found, _, _ = self.trace(FILE, "0 1 bandwidth=1Mbit/s latency=5.7291859440607205ms\n1 0 bandwidth=8Mbit/s\n")
        np.testing.assert_allclose(found["links/bandwidth"], [1e6, 8e6])
        np.testing.assert_array_equal(found["links/latency"], [0.005729186] * 2)
        np.testing.assert_allclose(found["links/busy_time"], [0.064, 0.008])  # Two messages of 32,000 bits.

    def test_a_star_of_a_file_runs_as_a_star_does(self):
        sgd = FILE.replace("dgd", "sgd")
        star, _, _ = self.trace(sgd.replace("kind: file, path: graph.txt", "kind: star, nodes: 3"), "")
        same, sizes, _ = self.trace(sgd, "0 3\n1 3\n2 3\n")
        self.assertEqual(sizes, {"topology.nodes": 3})
        named, _, _ = self.trace(sgd, "hub w1\nhub w2\nhub w3\n", notes=(
            "topology: note: the middle of its star, hub, is the server and numbered last, 3; the others, w1 to w3, come "
            "before it in this order\n"))
        self.assertEqual([name.decode() for name in named["topology/names"]], ["w1", "w2", "w3", "hub"])
        for place in star:
            if not place.startswith("inputs/"):
                np.testing.assert_array_equal(star[place], same[place], place)
                np.testing.assert_array_equal(star[place], named[place], place)
        slow, _, _ = self.trace(sgd, "0 3 bandwidth=1Mbit/s\n3 0 bandwidth=2Mbit/s\n1 3\n2 3\n")
        np.testing.assert_allclose(slow["links/bandwidth"], [1e6, 1e7, 1e7, 2e6, 1e7, 1e7])
        # An iteration: up 32 ms + 1 ms, down 16 ms + 1 ms.
        np.testing.assert_allclose(slow["metrics/time"], [0, 0.050, 0.100])
        self.write("graph.txt", "0 1\n1 2\n2 3\n")
        self.assert_refused(self.gossamer("run", "s.yaml"), r"s\.yaml:1:1: its graph is no star: one node, the server, ")
        self.write("graph.txt", "0 3\n1 3\n2 3\n")
        self.assert_refused(self.gossamer("run", "s.yaml", "--set", "topology.nodes=4"),
                            r"--set topology\.nodes=4: nodes: counts a server in a file, and workers elsewhere; leave it out")

    def test_a_matrix_is_normalized_on_request(self):
        third = "0.333333"
        W = f"{third} {third} 0 {third}\n{third} {third} {third} 0\n0 {third} {third} {third}\n{third} 0 {third} {third}\n"
        self.write("W.txt", W)
        self.write("s.yaml", RING)
        self.assert_refused(self.gossamer("run", "s.yaml"), r"s\.yaml:2:1: mixing matrix: row 0 sums to 0\.999999, not to 1 "
                                                            r"\(within 1e-12\); .* normalize: true")
        found, _, attributes = self.trace(
            RING, W, "--set", "mixing.normalize=true", name="W.txt",
            notes="mixing: note: W is normalized; its entries change by at most 3.33e-07\n")
        self.assertAlmostEqual(attributes["normalized_by"], 1 / 3 - 0.333333)
        exact, _, _ = self.trace(RING.replace("{kind: file, path: W.txt}", "uniform_neighbors"), "")
        np.testing.assert_allclose(found["parameters/final"], exact["parameters/final"], rtol=1e-12)

    def test_negative_weights_by_choice(self):
        W = np.array([[-0.2, 0.6, 0, 0.6], [0.6, -0.2, 0.6, 0], [0, 0.6, -0.2, 0.6], [0.6, 0, 0.6, -0.2]])
        self.write("W.txt", text := "\n".join(" ".join(map(str, row)) for row in W) + "\n")
        self.write("s.yaml", RING)
        self.assert_refused(self.gossamer("run", "s.yaml"), r"s\.yaml:2:1: mixing matrix: entry \(0, 0\) is -0\.2; allowed: at "
                                                            r"least 0 \(or, of a file, negative_weights: true\)")
        found, _, attributes = self.trace(
            RING, text, "--set", "mixing.negative_weights=true", name="W.txt",
            notes="mixing: note: lambda is 1.4, above 1: x <- W x drives nodes apart\n")
        self.assertAlmostEqual(attributes["lambda"], 1.4)
        x, a = np.zeros(4), np.array([1.0, 2, 3, 6])
        for _ in range(20):
            x = W @ x - 0.1 * (x - a)
        np.testing.assert_allclose(found["parameters/final"].ravel(), x, rtol=1e-12)

    def test_files_that_are_no_text_are_called_by_their_names(self):
        np.save(self.folder / "graph.npy", np.eye(3))
        np.savez(self.folder / "W.npz", W=np.eye(4))
        self.write("s.yaml", FILE.replace("graph.txt", "graph.npy"))
        self.assert_refused(self.gossamer("run", "s.yaml"), r"graph\.npy:1:1: is NumPy's \.npy, which is not read; allowed: text "
                                                            r"\(with numpy as np: np\.savetxt\('FILE\.txt', np\.load\(path\)\)\)")
        self.write("s.yaml", RING.replace("W.txt", "W.npz"))
        self.assert_refused(self.gossamer("run", "s.yaml"), r"W\.npz:1:1: is NumPy's \.npz, which is not read; .*\['NAME'\]")
        (self.folder / "graph.txt").write_bytes(b"0 1\n1 \0 2\n")
        self.write("s.yaml", FILE)
        self.assert_refused(self.gossamer("run", "s.yaml"), r"graph\.txt:2:3: is binary, with a byte 0x00; allowed: text in UTF-8")

    def test_units_of_sites_are_known_and_used(self):
        self.write("g.gml", "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency \"3 ms\" bandwidth 10 ] ]")
        graph = "network: {graph: {kind: file, path: g.gml, bandwidth_unit: Mbps}}"
        scenario = FILE.replace("kind: file, path: graph.txt", "kind: ring, nodes: 2")
        scenario = scenario.replace("network: {latency: 1 ms, bandwidth: 10 Mbit/s}", graph)
        self.write("s.yaml", scenario)
        self.assert_refused(self.gossamer("check", "s.yaml"), r"s\.yaml:2:60: .*bandwidth_unit.*Mbit/s")
        self.assert_refused(self.gossamer("check", "s.yaml", "--set", "network.graph.bandwidth_unit=Mbit/s",
                                          "network.graph.latency_unit=ms"),
                            r".*latency_unit: has no effect, as none of the file is a bare number")
        good = self.gossamer("check", "s.yaml", "--set", "network.graph.bandwidth_unit=Mbit/s")
        self.assertEqual(good.returncode, 0, good.stderr)


if __name__ == "__main__":
    unittest.main()
