"""Traces name their dimensions by HDF5's dimension scales, and their units, for tools that know nothing of Gossamer."""

import unittest
from pathlib import Path

import h5py
import numpy as np
import yaml

from test_command import CommandTest

# Vectors, weights from a file, links, parameters, a server: all that a trace can have.
DECENTRALIZED = """\
topology: {kind: ring, nodes: 3}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
problem: {kind: logistic, dataset: synthetic, batch_size: 8, l2: 1e-12, synthetic: {samples: 60, features: 5, test_samples: 20}}
algorithm: {kind: decentralized_amsgrad, step_size: 1e-3, epsilon: 1e-6}
stop: {iterations: 6, target: {grad_norm: 1e-20}}
record: {every: 2, parameters: final, vectors: [x, m, full_gradient]}
"""
WITH_SERVER = """\
topology: {kind: file, path: star.txt}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
problem: {kind: logistic, dataset: synthetic, batch_size: 8, synthetic: {samples: 60, features: 5}}
algorithm: {kind: amsgrad, step_size: 0.1}
stop: {iterations: 6}
record: {parameters: final, vectors: [x]}
"""
DIMENSIONS = {
    "metrics/loss": ["iteration"],
    "nodes/time": ["iteration", "node"],
    "vectors/x": ["iteration", "node", "coordinate"],
    "links/bytes": ["link"],
    "topology/edges": ["edge", "end"],
    "parameters/final": ["node", "coordinate"],
}
OF_W = {
    "vectors/full_gradient": ["iteration", "point", "coordinate"],
    "topology/mixing_matrix/data": ["entry"],
    "topology/mixing_matrix/indices": ["entry"],
    "topology/mixing_matrix/indptr": ["boundary"],
}
OF_SERVER = {
    "vectors/x": ["iteration", "node_and_server", "coordinate"],
    "topology/names": ["node_and_server"],
    "parameters/server": ["coordinate"],
    "metrics/bits_up": ["iteration"],
}


class TraceTest(CommandTest):
    """Runs the two scenarios."""

    def setUp(self):
        super().setUp()
        self.write("decentralized.yaml", DECENTRALIZED)
        self.write("star.txt", "ann hub\nbob hub\n")
        self.write("with_server.yaml", WITH_SERVER)
        for name in ("decentralized", "with_server"):
            self.assertEqual(self.gossamer("run", f"{name}.yaml", "--quiet").returncode, 0)

    def trace(self, name: str) -> Path:
        return self.folder / f"{name}.h5"


class Dimensions(TraceTest):
    def test_every_dimension_has_a_scale_of_its_name_and_size(self):
        for trace, more in [("decentralized", OF_W), ("with_server", OF_SERVER)]:
            with h5py.File(self.trace(trace)) as file:
                for place, names in {**DIMENSIONS, **more}.items():
                    data = file[place]
                    with self.subTest(place):
                        self.assertEqual([list(dimension) for dimension in data.dims],
                                         [[name if name == "iteration" else self.without(size)]
                                          for name, size in zip(names, data.shape)])
                        for dimension, name in zip(data.dims, names):
                            self.assertEqual(dimension[0], file[name])

    @staticmethod
    def without(size):
        """What netCDF calls a dimension without numbers."""
        return f"This is a netCDF dimension but not a netCDF variable. {size:9}"

    def test_every_data_set_has_scales_or_is_one(self):
        for trace in ("decentralized", "with_server"):
            with h5py.File(self.trace(trace)) as file:
                def visit(place, item):
                    if isinstance(item, h5py.Dataset) and not h5py.h5ds.is_scale(item.id):
                        self.assertEqual([len(dimension) for dimension in item.dims], [1] * item.ndim, place)
                file.visititems(visit)

    def test_rows_have_their_iterations(self):
        with h5py.File(self.trace("decentralized")) as file:
            np.testing.assert_array_equal(file["nodes/time"].dims[0][0], [0, 2, 4, 6])
            self.assertEqual(file["iteration"], file["metrics/iteration"])

    def test_groups_hold_columns_only(self):
        with h5py.File(self.trace("decentralized")) as file:
            for group, dimensions in [("nodes", 2), ("vectors", 3), ("links", 1), ("metrics", 1)]:
                self.assertEqual({data.ndim for data in file[group].values()}, {dimensions})
            self.assertNotIn("link", file["links"])

    def test_a_scale_knows_its_data(self):
        """As HDF5's own library reads it: detaching works only where both sides agree."""
        self.trace("decentralized").chmod(0o600)
        with h5py.File(self.trace("decentralized"), "r+") as file:
            for place in ("metrics/loss", "nodes/time"):
                file[place].dims[0].detach_scale(file["metrics/iteration"])
                self.assertEqual(len(file[place].dims[0]), 0)

    def test_units(self):
        with h5py.File(self.trace("decentralized")) as file:
            found = {place: (file[place].attrs.get("unit"), file[place].attrs.get("units"))
                     for place in ("metrics/time", "metrics/bits", "nodes/time", "links/bytes", "metrics/loss")}
        self.assertEqual(found, {"metrics/time": ("s", "s"), "metrics/bits": ("bit", "bit"), "nodes/time": ("s", "s"),
                                 "links/bytes": ("B", "byte"), "metrics/loss": (None, None)})

    def test_old_and_new_readers_of_yaml_see_the_same_numbers(self):
        """PyYAML reads YAML 1.1, where 1e-06 is a text."""
        with h5py.File(self.trace("decentralized")) as file:
            text = file.attrs["scenario"]
        scenario = yaml.safe_load(text)
        self.assertEqual((scenario["algorithm"]["epsilon"], scenario["problem"]["l2"]), (1e-6, 1e-12))
        self.assertEqual(scenario["stop"]["target"], {"grad_norm": 1e-20})
        self.write("again.yaml", text)
        identities = [self.assert_done(self.gossamer("identity", name)) for name in ("decentralized.yaml", "again.yaml")]
        self.assertEqual(*identities)


if __name__ == "__main__":
    unittest.main()
