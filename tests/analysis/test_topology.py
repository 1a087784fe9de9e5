import contextlib
import io
import unittest

import h5py
import numpy as np
from traces_for_tests import WithFolder

from analysis import topology
from analysis.runs import load

NODES = "topology: {{kind: {kind}, nodes: {nodes}}}\n"


class Graphs(WithFolder):
    def graph(self, file, kind, edges, mixing=None, gap=None, nodes=None):
        path = self.trace(file, scenario=NODES.format(kind=kind, nodes=nodes or 1 + max(map(max, edges))))
        with h5py.File(path, "r+") as h5:
            h5["topology/edges"] = np.array(edges, np.int32)
            if mixing is not None:
                kept = [np.flatnonzero(row) for row in mixing]
                h5["topology/mixing_matrix/data"] = np.concatenate([row[k] for row, k in zip(mixing, kept)])
                h5["topology/mixing_matrix/indices"] = np.concatenate(kept)
                h5["topology/mixing_matrix/indptr"] = np.cumsum([0, *map(len, kept)])
                if gap is not None:
                    h5["topology/mixing_matrix"].attrs["spectral_gap"] = gap
        return path

    def ring(self, file="ring.h5", n=4):
        mixing = np.eye(n) / 3 + np.roll(np.eye(n), 1, 0) / 3 + np.roll(np.eye(n), -1, 0) / 3
        return self.graph(file, "ring", [(i, (i + 1) % n) for i in range(n)], mixing, 0.25)

    def read(self, *paths):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            graphs = topology.graphs_of(load(paths))
        self.said = said.getvalue()
        return graphs

    def test_the_matrix_and_its_gap(self):
        (graph,) = self.read(self.ring(), self.ring("again.h5"))
        np.testing.assert_allclose(graph.mixing.sum(axis=0), np.ones(4))
        self.assertEqual((graph.gap, graph.nodes, len(graph.edges)), (0.25, 4, 4))

    def test_graphs_in_turn_show_the_mean_of_their_matrices(self):
        first = np.kron(np.eye(2), np.full((2, 2), 0.5))
        second = np.roll(np.roll(first, 1, 0), 1, 1)
        path = self.graph("turns.h5", "random_matchings", [(0, 1), (0, 3), (1, 2), (2, 3)], [*first, *second], 0.5)
        with h5py.File(path, "r+") as h5:
            h5["topology/mixing_matrix"].attrs["period"] = 2
            h5["topology"].attrs["directed"] = np.uint8(1)
        (graph,) = self.read(path)
        np.testing.assert_allclose(graph.mixing, (first + second) / 2)
        self.assertEqual((graph.nodes, graph.period, graph.directed), (4, 2, True))
        figure = topology.draw([graph], topology.read_options(["a.h5", "-o", "a.svg"]))
        self.assertIn("4 nodes, 4 arcs", figure.axes[0].get_title())
        self.assertEqual(figure.axes[1].get_title(), "spectral gap 0.5, mean of 2 W")

    def test_where_nodes_stand(self):
        (ring,) = self.read(self.ring())
        np.testing.assert_allclose(topology.layout(ring), [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-12)
        (star,) = self.read(self.graph("star.h5", "star", [(0, 3), (1, 3), (2, 3)]))
        np.testing.assert_allclose(topology.layout(star)[3], [0, 0])
        (grid,) = self.read(self.graph("grid.h5", "grid", [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]))
        np.testing.assert_allclose(topology.layout(grid), [[-1, 0.5], [0, 0.5], [1, 0.5], [-1, -0.5], [0, -0.5], [1, -0.5]])

    def test_springs_put_neighbours_near(self):
        path = [(i, i + 1) for i in range(11)]
        (graph,) = self.read(self.graph("tree.h5", "tree", path))
        place = topology.layout(graph)
        distance = np.linalg.norm(place[:, None] - place[None], axis=2)
        near = np.mean([distance[u, v] for u, v in path])
        self.assertLess(near, 0.5 * distance[np.triu_indices(12, 1)].mean())

    def test_edges_that_close_a_torus_are_stubs(self):
        edges = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (6, 7), (7, 8), (6, 8),
                 (0, 3), (3, 6), (0, 6), (1, 4), (4, 7), (1, 7), (2, 5), (5, 8), (2, 8)]
        (graph,) = self.read(self.graph("torus.h5", "torus", edges))
        direct, stubs = topology.segments(graph, topology.layout(graph))
        self.assertEqual((len(direct), len(stubs)), (12, 12))

    def test_the_figure(self):
        figure = self.folder / "figure.svg"
        code, output, said = self.run_main(topology.main, self.ring(), self.graph("star.h5", "star", [(0, 2), (1, 2)]), "-o", figure)
        self.assertEqual((code, output, said), (0, "", ""))
        before = figure.read_bytes()
        self.run_main(topology.main, self.folder, "-o", figure)
        self.assertEqual(figure.read_bytes(), before)

    def test_two_nodes_and_one_are_seen(self):
        two = self.graph("two.h5", "ring", [(0, 1)], np.full((2, 2), 0.5))
        one = self.graph("one.h5", "tree", np.empty((0, 2), int), np.eye(1), nodes=1)
        figure = topology.draw(self.read(two, one), topology.read_options(["a.h5", "-o", "a.svg"]))
        for axes in figure.axes[:2]:
            self.assertEqual((axes.get_xlim(), axes.get_ylim()), ((-1.15, 1.15), (-1.15, 1.15)))
            self.assertTrue(np.isfinite([text.get_position() for text in axes.texts]).all())

    def test_names_and_a_server_of_a_file_are_shown(self):
        path = self.graph("star.h5", "file", [(0, 2), (1, 2)])
        with h5py.File(path, "r+") as h5:
            h5["topology/names"] = ["Bern", "Zürich", "$hub$"]
        (graph,) = self.read(path)
        self.assertEqual((graph.names, graph.has_server), (("Bern", "Zürich", "$hub$"), True))
        axes = topology.draw([graph], topology.read_options(["a.h5", "-o", "a.svg"])).axes[0]
        self.assertIn("2 workers and a server", axes.get_title())
        self.assertEqual([text.get_text() for text in axes.texts], ["0", "Bern", "1", "Zürich", "2", "$hub$"])
        with h5py.File(path, "r+") as h5:
            del h5["topology/names"]
            h5["topology/names"] = ["one"]
        code, _, said = self.run_main(topology.main, path, "-o", self.folder / "figure.svg")
        self.assertEqual((code, "has 1 names for 3 nodes" in said), (2, True))

    def test_mistakes(self):
        figure = self.folder / "figure.svg"
        many = self.graph("many.h5", "ring", [(i, i + 1) for i in range(1200)])
        for path, said in ((self.trace("none.h5"), "has no /topology/edges"), (many, "has 1201 nodes; a figure can show up to 1000")):
            code, output, got = self.run_main(topology.main, path, "-o", figure)
            self.assertEqual((code, output), (2, ""))
            self.assertRegex(got, rf"\A[^\n]*{said}[^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main()
