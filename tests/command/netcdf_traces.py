"""xarray reads traces, with netCDF's own library and without it. Skipped where one of the packages is missing."""

import importlib.util
import unittest

import numpy as np

from test_dimensions import TraceTest

PACKAGES = ["xarray", "netCDF4", "h5netcdf"]
MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]


@unittest.skipIf(MISSING, f"missing: {', '.join(MISSING)}")
class NetCDF(TraceTest):
    def test_xarray_finds_dimensions_coordinates_and_units(self):
        import xarray

        for engine in ("netcdf4", "h5netcdf"):
            def group(name):
                return xarray.open_dataset(self.trace("decentralized"), group=name, engine=engine)

            with self.subTest(engine), group("metrics") as metrics, group("nodes") as nodes, group("vectors") as vectors:
                self.assertEqual(metrics.loss.dims, ("iteration",))
                np.testing.assert_array_equal(metrics.loss.iteration, [0, 2, 4, 6])
                self.assertEqual(metrics.time.attrs["units"], "s")
                self.assertEqual(metrics.time.dtype, float)  # Not a timedelta.
                self.assertEqual(dict(nodes.time.sizes), {"iteration": 4, "node": 3})
                self.assertEqual(set(nodes.variables), {"time", "compute_time", "bits", "gradients"})
                over_iterations = nodes.assign_coords(iteration=metrics.iteration)
                np.testing.assert_array_equal(over_iterations.time.max("node"), metrics.time)
                self.assertEqual(dict(vectors.x.sizes), {"iteration": 4, "node": 3, "coordinate": 5})
                self.assertEqual(dict(vectors.full_gradient.sizes), {"iteration": 4, "point": 1, "coordinate": 5})

    def test_every_group_can_be_read(self):
        import netCDF4

        for trace in ("decentralized", "with_server"):
            with netCDF4.Dataset(self.trace(trace)) as file:
                groups = [file]
                for group in groups:
                    groups += group.groups.values()
                    for name, variable in group.variables.items():
                        self.assertFalse(any("phony" in dimension for dimension in variable.dimensions), name)
                        self.assertEqual(np.asarray(variable[:]).shape, variable.shape)
                self.assertGreater(len(groups), 4)


if __name__ == "__main__":
    unittest.main()
