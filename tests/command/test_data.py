"""Data of one's own: files, the nodes that hold their rows, and how much nodes count; seeds of sections."""

import unittest

import h5py
import numpy as np
from test_command import SMALL, CommandTest

TRAIN = "1 1:1\n-1 1:2 2:1\n1 2:3\n-1 1:1 2:2\n"
LOGISTIC = """\
topology: {kind: ring, nodes: 2}
problem: {kind: logistic, dataset: own/train.svm}
algorithm: {kind: dgd, step_size: 0.1, wire: float64}
stop: {iterations: 3}
record: {parameters: final}
"""
# b = 0, 0, 3 and a = 1: f_i is least at the mean of the node's b.
THREE = LOGISTIC.replace("logistic", "least_squares").replace("0.1,", "0.5,").replace("3}", "300}")


class OwnData(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("place/own/train.svm", TRAIN)
        self.write("place/a.yaml", LOGISTIC)
        self.write("place/three.yaml", THREE)

    def values(self, name, *arguments, scenario="place/a.yaml"):
        self.assert_done(self.gossamer("run", scenario, "-o", "t.h5", "--quiet", *arguments))
        with h5py.File(self.folder / "t.h5") as trace:
            return np.array(trace[name])

    def identity(self, *arguments, scenario="place/a.yaml"):
        return self.assert_done(self.gossamer("identity", scenario, *arguments)).strip()


class Files(OwnData):
    def test_a_path_is_relative_to_the_scenario(self):
        done = self.assert_done(self.gossamer("run", "place/a.yaml", "-o", "t.h5"))
        self.assertIn("t.h5", done)
        with h5py.File(self.folder / "t.h5") as trace:
            self.assertIn("dataset: own/train.svm", trace.attrs["scenario"])
            self.assertIn("own/train.svm: ", trace.attrs["inputs"])
        self.write("train.svm", TRAIN)
        self.values("metrics/loss", "--set", "problem.dataset=train.svm")  # On the command line, to where it is run.
        self.values("metrics/loss", "--set", f"problem.dataset={self.folder}/train.svm")

    def test_a_file_that_changes_changes_the_identity(self):
        before = self.identity()
        self.write("place/own/test.svm", "1 1:1\n")
        with_test = self.identity("--set", "problem.test=place/own/test.svm")
        self.write("place/own/train.svm", TRAIN.replace("3", "4"))
        self.assertNotEqual(self.identity(), before)
        self.write("place/own/train.svm", TRAIN)
        self.assertEqual(self.identity(), before)
        self.write("place/own/test.svm", "1 1:2\n")
        self.assertNotEqual(self.identity("--set", "problem.test=place/own/test.svm"), with_test)

    def test_a_sweep_makes_runs_again_whose_data_have_changed(self):
        self.write("place/a.yaml", LOGISTIC + "sweep: {seed: [1, 2]}\n")
        sweep = lambda: self.assert_done(self.gossamer("sweep", "place/a.yaml", "-o", "s"))
        self.assertIn("2 done", sweep())
        self.assertIn("2 there before", sweep())
        self.write("place/own/train.svm", TRAIN.replace("3", "4"))
        self.assertIn("2 done", sweep())

    def test_equal_names_in_two_folders_are_two_files(self):
        self.write("other/own/train.svm", TRAIN + TRAIN)
        self.write("other/a.yaml", LOGISTIC)
        done = self.assert_done(self.gossamer("check", "place/a.yaml", "other/a.yaml"))
        self.assertIn("2 rows a node", done)
        self.assertIn("4 rows a node", done)

    def test_a_test_part(self):
        self.write("place/own/test.svm", "1 3:1\n-1 1:1\n")
        self.write("place/a.yaml", LOGISTIC.replace("train.svm", "train.svm, test: own/test.svm"))
        done = self.gossamer("run", "place/a.yaml", "-o", "t.h5", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\A\S*test\.svm: has features that no training row has; the dimension is that of "
                                      r"both, 3\n\Z")
        with h5py.File(self.folder / "t.h5") as trace:
            self.assertEqual(trace["parameters/final"].shape, (2, 3))
            self.assertEqual(trace["metrics"].attrs["test_rows"], 2)

    def test_what_is_not_there(self):
        for change, pattern in [
            ("dataset=none", r".*data set 'none' not found; looked for in: .*none; put none \(LIBSVM text\).*"
                             r"a file of your own is named by its path, \./FILE"),
            ("dataset=./none", r".*data set './none' not found; looked for: \./none; it takes a file"),
            ("dataset=none.svm", r".*data set 'none.svm' not found; looked for: none.svm, .*none.svm; it takes a file"),
            ("dataset=place/own", r".*data set 'place/own' is no file; "),
            ("test=./none", r".*test part './none' not found; looked for: \./none"),
            ("dimension=1", r"place/own/train.svm:2: index 2; 1 to 1 are allowed with this dimension"),
        ]:
            self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem." + change), pattern)

    def test_sets_of_ones_own_are_listed(self):
        self.write("data/mine/mine", TRAIN)
        self.write("data/empty/other", TRAIN)
        listed = self.assert_done(self.gossamer("datasets", "list"))
        self.assertRegex(listed, r"\n  mine +of your own\n +data/mine\n")
        self.assertNotIn("empty", listed)
        self.write("place/sets/third/third", TRAIN)
        for arguments in (["list", "--data", "place/sets"], ["--data", "place/sets", "list"], ["--data", "place/sets"]):
            self.assertIn("place/sets/third\n", self.assert_done(self.gossamer("datasets", *arguments)))


class Tables(OwnData):
    """CSV and NumPy's archives, beside LIBSVM text of the same rows."""

    X = np.array([[1, 0], [2, 1], [0, 3], [1, 2]])
    Y = np.array([1, -1, 1, -1])

    def assert_same_rows(self, name, *changes):
        """But for the order of sums, which differs between sparse rows and dense ones."""
        arguments = [word for change in changes for word in ("--set", change)]
        final = self.values("parameters/final", "--set", "problem.dataset=./" + name, *arguments)
        np.testing.assert_allclose(final, self.expected, rtol=1e-12, err_msg=name)

    def setUp(self):
        super().setUp()
        self.expected = self.values("parameters/final")

    def test_csv(self):
        rows = [f"{a},{b},{y}" for (a, b), y in zip(self.X, self.Y)]
        self.write("plain.csv", "\n".join(rows))
        done = self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./plain.csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "./plain.csv: has no header; the labels are its last column, 3; label: first, or a "
                                      "number, takes another\n")
        self.assert_same_rows("plain.csv", "problem.label=last")
        words = {"1": "yes", "-1": "no"}  # In sorted order: no, yes.
        self.write("named.tsv", "label\ta\tb\n" + "".join(f"{words[str(y)]}\t{a}\t{b}\n" for (a, b), y in zip(self.X, self.Y)))
        self.assert_same_rows("named.tsv")
        self.assert_same_rows("named.tsv", "problem.label=first")
        self.assert_same_rows("plain.csv", "problem.label=3")
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./named.tsv", "--set",
                                          "problem.label=class"),
                            r".*label: \./named\.tsv has no column 'class'; there are 'label', 'a', 'b', and numbers")
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./named.tsv", "--set",
                                          "problem.kind=least_squares"),
                            r".*data set './named.tsv': the labels are words; least_squares takes numbers")
        self.write("plain.csv", "\n".join(rows) + "\n1,,1\n")
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./plain.csv"),
                            r"\./plain\.csv:5: column 2 has no value; every cell needs one")

    def test_csv_with_a_test_part(self):
        self.write("train.csv", "a,b,y\n1,0,1\n2,1,-1\n0,3,1\n1,2,-1\n")
        self.write("test.csv", "b,a,y\n1,0,1\n")
        arguments = ["--set", "problem.dataset=./train.csv", "--set", "problem.test=./test.csv"]
        self.assert_refused(self.gossamer("check", "place/a.yaml", *arguments),
                            r"\./test\.csv: its columns are not those of \./train\.csv; both parts need the same header")
        self.write("test.csv", "a,b,y\n1,0,1\n")
        self.assertEqual(self.values("metrics/test_accuracy", *arguments)[-1], 0)  # a^T x < 0 of a row of class 1.

    def test_npz(self):
        x, y = self.X, self.Y
        for k, (save, arrays) in enumerate([
            (np.savez, {"X": x.astype(float), "y": y}),
            (np.savez_compressed, {"X": x.astype("f4"), "y": y.astype("i1")}),
            (np.savez, {"x_train": np.asfortranarray(x.astype(">f8")), "y_train": y.astype(">i2").reshape(4, 1)}),
            (np.savez_compressed, {"X": x.astype("u1"), "y": y.astype(float)}),
            (np.savez, {"X": x.astype("u2"), "y": np.array(["no", "yes"])[(y + 1) // 2]}),
            (np.savez, {"X": x.astype("i8"), "y": np.array([b"no", b"yes"])[(y + 1) // 2]}),
            (np.savez, {"X": np.asfortranarray(x.astype(float).reshape(4, 2, 1)), "y": y > 0}),
        ]):
            save(self.folder / f"{k}.npz", **arrays)
            self.assert_same_rows(f"{k}.npz")
        np.savez(self.folder / "parts.npz", X_train=x, y_train=y, X_test=x[:1], y_test=y[:1])
        self.assertEqual(self.values("metrics/test_loss", "--set", "problem.dataset=./parts.npz")[0], np.log(2))

    def test_a_test_part_of_its_own_in_npz(self):
        x, y = self.X, self.Y
        np.savez(self.folder / "train.npz", X=x, y=y)
        dataset = ["--set", "problem.dataset=./train.npz"]
        for arrays in ({"X": x[:3], "y": y[:3]}, {"X_test": x[:3], "y_test": y[:3]},
                       {"X_train": x, "y_train": y, "X_test": x[:3], "y_test": y[:3]}):
            np.savez(self.folder / "test.npz", **arrays)
            self.values("metrics/test_loss", *dataset, "--set", "problem.test=./test.npz")
            with h5py.File(self.folder / "t.h5") as trace:
                self.assertEqual(trace["metrics"].attrs["test_rows"], 3)
        np.savez(self.folder / "test.npz", X_test=x, y_test=y)
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./test.npz"),
                            r"\./test\.npz: has a test part alone; of the training part it takes X and y, or X_train")

    def test_images_are_rows_of_pixels(self):
        np.savez(self.folder / "images.npz", X=255 * self.X.reshape(4, 1, 2).astype("u1") // 3 * 1, y=self.Y)
        done = self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./images.npz")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("./images.npz: X holds images of bytes; a feature is byte / 255", done.stderr)
        np.savez(self.folder / "flat.npz", X=85 * self.X.astype("u1"), y=self.Y)  # 85 * 3 = 255
        done = self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./flat.npz")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("./flat.npz: X holds bytes up to 255, which are taken as they are; only with three axes", done.stderr)

    def test_ages_are_hardly_classes(self):
        self.write("age.csv", "a,label\n" + "".join(f"{row % 7},{row % 150}\n" for row in range(600)))
        for kind, note in (("softmax", "note: its labels are taken as 150 classes, of 4.0 rows each in the mean; "), ("least_squares", "")):
            done = self.gossamer("check", "place/a.yaml", "--set", f"problem={{kind: {kind}, dataset: ./age.csv}}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"\Adata set '\./age\.csv': " + note if note else r"\A\Z")

    def test_endings_in_any_case(self):
        self.write("place/own.CSV", "a,b,Label\n1,True,3\n2,False,5\n1,1,3\n")
        self.assert_done(self.gossamer("check", "place/a.yaml", "--set", "problem={kind: softmax, dataset: place/own.CSV}"))

    def test_bad_archives(self):
        x, y = self.X.astype(float), self.Y
        np.savez(self.folder / "good.npz", X=x, y=y)
        good = (self.folder / "good.npz").read_bytes()
        broken = x.copy()
        broken[2, 1] = np.nan
        for arrays, pattern in [
            ({"A": x, "y": y}, r"has no array X; it takes X and y, or .*; there are: 'A\.npy', 'y\.npy'"),
            ({"X": x}, r"has no array y; "),
            ({"X": x, "X_train": x, "y": y}, r"has X and X_train, which may be the same part; one of them is allowed"),
            ({"X": x, "y": y, "y_train": y}, r"has y and y_train, which may be the same part; one of them is allowed"),
            ({"X": x, "y": y.astype(str).astype(object)}, r"y: has the type '\|O'; .*; of objects, .*y\.astype\(str\) strings"),
            ({"X": broken, "y": y}, r"X: entry \[2, 1\] is nan; finite numbers are allowed"),
            ({"X": x[:3], "y": y}, r".*3 rows but 4 labels"),
            ({"X": x.astype(complex), "y": y}, r"X: has the type 'c16'|.*X: has the type '<c16'; floats of 4 or 8 bytes"),
            ({"X": x.astype("f2"), "y": y}, r"X: has the type '<f2'; floats of 4 or 8 bytes"),
            ({"X": x.astype(object), "y": y}, r"X: has the type '\|O'; floats of 4 or 8 bytes"),
            ({"X": x[:, 0], "y": y}, r"X: has to hold numbers, of shape \[row, feature\]"),
            ({"X": x, "y": np.eye(4)}, r"y: has to hold a label for each row"),
            ({"X": x[:0], "y": y[:0]}, r"X: is empty"),
            ({"X": x, "y": y + 2**53}, r"y: entry 0: label '9007199254740993' has too many digits"),
            (good[:-30], r"is no ZIP archive, or its end is missing"),
            (good.replace(b"\x00\x00\x08\x40", b"\x00\x00\x09\x40"), r"X\.npy is corrupt"),
            (b"1 1:1\n", r"is no ZIP archive"),
        ]:
            if isinstance(arrays, bytes):
                self.write("bad.npz", arrays)
            else:
                np.savez(self.folder / "bad.npz", **arrays)
            self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./bad.npz"),
                                r".*bad\.npz'?: (" + pattern + ")")

    def test_one_array_is_no_data_set(self):
        np.save(self.folder / "rows.npy", self.X)
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.dataset=./rows.npy"),
                            r"\./rows\.npy:1: is NumPy's \.npy, which is not read; allowed: text, or NumPy's \.npz with "
                            r"the rows and their labels: numpy\.savez\('FILE\.npz', X=\.\.\., y=\.\.\.\)")


class Partitions(OwnData):
    def setUp(self):
        super().setUp()
        self.write("place/own/train.svm", "0 1:1\n0 1:1\n3 1:1\n")
        self.write("place/nodes.txt", "0\n0\n1\n")
        self.write("place/three.yaml", THREE.replace("train.svm", "train.svm, partition: {file: nodes.txt}"))

    def final(self, *arguments):
        return self.values("parameters/final", *arguments, scenario="place/three.yaml")

    def test_a_file_says_who_holds_a_row(self):
        tracking = ["--set", "algorithm={kind: gradient_tracking, step_size: 0.2, wire: float64}"]
        np.testing.assert_allclose(self.final(*tracking), [[1.5], [1.5]], rtol=1e-12)  # (0 + 3) / 2
        before = self.identity(scenario="place/three.yaml")
        with h5py.File(self.folder / "t.h5") as trace:
            self.assertEqual(bytes(trace["inputs/problem.partition.path"][()]), b"0\n0\n1\n")
        (self.folder / "place" / "nodes.txt").unlink()  # The trace has it.
        self.assert_done(self.gossamer("run", "t.h5", "-o", "again.h5", "--quiet",
                                       "--set", "problem.dataset=place/own/train.svm"))
        self.write("place/nodes.txt", "1\n0\n1\n")
        self.assertNotEqual(self.identity(scenario="place/three.yaml"), before)

    def test_bad_files(self):
        for content, pattern in [("0\n1\n2\n", r"place/nodes\.txt:3:1: '2' is no node; 0 to 1 are allowed"),
                                 ("0\n1\n", r"place/nodes\.txt:2: the file ends after 2 rows, and there are 3 training"),
                                 ("0\n0\n0\n", r"place/nodes\.txt: nodes without rows: 1; ")]:
            self.write("place/nodes.txt", content)
            self.assert_refused(self.gossamer("check", "place/three.yaml"), pattern)
        self.write("place/nodes.txt", "0\n1\n")
        self.assert_refused(self.gossamer("check", "place/three.yaml", "--set", "problem.holdout=1"),
                            r"--set: .*a file says where each row of the training part is|.*a file says where each row")

    def test_weights_by_rows_make_the_pooled_objective(self):
        rows = ["--set", "problem.weights=rows"]
        for algorithm in ("{kind: gradient_tracking, step_size: 0.2, wire: float64}",
                          "{kind: sgd, step_size: 0.5, wire: float64}"):
            set_algorithm = ["--set", "algorithm=" + algorithm]
            if "sgd" in algorithm:
                set_algorithm += ["--set", "topology={kind: star, nodes: 2}"]
            np.testing.assert_allclose(self.final(*set_algorithm), np.full((2, 1), 1.5), rtol=1e-9)
            np.testing.assert_allclose(self.final(*rows, *set_algorithm), np.full((2, 1), 1), rtol=1e-9)  # (0 + 0 + 3) / 3
        # DGD: x = W x - s F', W = all 1/2, F' = (4/3) x and (2/3) (x - 3): x_1 = m - s (4/3) x_1, x_2 = m - s (2/3) (x_2 - 3).
        s = 0.01
        x = self.final(*rows, "--set", f"algorithm.step_size={s}", "--set", "stop.iterations=3000")[:, 0]
        m = x.mean()
        np.testing.assert_allclose(x, [m - s * 4 / 3 * x[0], m - s * 2 / 3 * (x[1] - 3)], rtol=1e-9)
        self.assertAlmostEqual(m, 1, delta=2 * s)

    def test_equal_weights_are_the_default(self):
        default = self.final()
        np.testing.assert_array_equal(default, self.final("--set", "problem.weights=equal"))
        self.assertFalse(np.array_equal(default, self.final("--set", "problem.weights=rows")))


class Seeds(OwnData):
    SCENARIO = """\
topology: {kind: erdos_renyi, nodes: 8, p: 0.5}
problem: {kind: softmax, dataset: synthetic, partition: iid, batch_size: 8, x0: random}
algorithm: {kind: dgd, step_size: 0.1, wire: float64}
stop: {iterations: 3}
record: {parameters: final}
"""

    def setUp(self):
        super().setUp()
        self.write("place/a.yaml", self.SCENARIO)

    def outcome(self, *changes):
        """Edges, loss at zero steps as a proxy of data and x0, and the end."""
        arguments = [word for change in changes for word in ("--set", change)]
        edges = self.values("topology/edges", *arguments).tolist()
        return edges, self.values("parameters/final", *arguments).tolist()

    def test_without_seeds_of_their_own_nothing_changes(self):
        resolved = lambda: h5py.File(self.folder / "t.h5").attrs["scenario"]
        plain = self.outcome("seed=7")
        self.assertEqual(resolved().count("seed"), 1)
        self.assertEqual(self.outcome("seed=7", "topology.seed=7", "problem.seed=7", "algorithm.seed=7"), plain)
        self.assertEqual(resolved().count("seed"), 4)

    def test_each_seed_moves_its_own_streams_alone(self):
        edges, final = self.outcome()
        other = self.outcome("topology.seed=5")
        self.assertNotEqual(other[0], edges)
        for section in ("problem", "algorithm"):
            other = self.outcome(section + ".seed=5")
            self.assertEqual(other[0], edges)
            self.assertNotEqual(other[1], final)
        # The graph of seed 5, the data and the draws of seed 1.
        fixed = ["problem.seed=1", "algorithm.seed=1"]
        self.assertEqual(self.outcome("seed=5", *fixed), self.outcome("topology.seed=5"))
        self.assertEqual(self.outcome("seed=5", "topology.seed=1", *fixed), (edges, final))

    def test_the_initial_point_is_the_algorithms_and_the_data_are_the_problems(self):
        # With a quadratic f* shows the data, and with a step of nearly zero the end is the initial point.
        still = ["problem={kind: quadratic, dimension: 3, x0: random}", "algorithm.step_size=1e-300",
                 "topology={kind: ring, nodes: 1}"]
        start, data = self.outcome(*still)[1], self.outcome(*still, "problem.seed=5")[1]
        self.assertEqual(start, data)
        self.assertNotEqual(self.outcome(*still, "algorithm.seed=5")[1], start)
        loss = self.values("metrics/loss", *[w for c in still for w in ("--set", c)])
        self.assertNotEqual(self.values("metrics/loss", *[w for c in [*still, "problem.seed=5"] for w in ("--set", c)])[0],
                            loss[0])

    def test_they_can_be_swept(self):
        self.write("place/a.yaml", self.SCENARIO + "sweep: {problem.seed: [1, 2], algorithm.seed: [1, 2]}\n")
        self.assertIn("4 done", self.assert_done(self.gossamer("sweep", "place/a.yaml", "-o", "s")))


class ShortForms(OwnData):
    def test_a_key_of_a_kind_that_is_written_short_can_be_set(self):
        self.write("place/a.yaml", LOGISTIC.replace("own/train.svm", "synthetic, partition: {dirichlet: 0.1}"))
        resolved = lambda: h5py.File(self.folder / "t.h5").attrs["scenario"]
        self.values("metrics/loss", "--set", "problem.partition.alpha=1")
        self.assertRegex(resolved(), r"kind: dirichlet\s+alpha: 1\n")
        self.values("metrics/loss", "--set", "problem.partition.dirichlet=2")
        self.assertRegex(resolved(), r"kind: dirichlet\s+alpha: 2\n")
        self.values("metrics/loss", "--set", "topology={ring: 2}", "--set", "topology.nodes=4")
        self.assertRegex(resolved(), r"kind: ring\s+nodes: 4\n")
        self.assert_refused(self.gossamer("check", "place/a.yaml", "--set", "problem.partition.alpa=1"),
                            r".*unknown key 'alpa' in partition; did you mean 'alpha'\?")
        sweep = (self.folder / "place/a.yaml").read_text() + "sweep: {problem.partition.alpha: [0.1, 1]}\n"
        self.write("place/a.yaml", sweep)
        self.assertIn("2 done", self.assert_done(self.gossamer("sweep", "place/a.yaml", "-o", "s")))
        self.assertEqual(sorted(path.name for path in (self.folder / "s").glob("*.h5")), ["alpha=0.1.h5", "alpha=1.h5"])

    def test_both_forms_at_once_are_refused(self):
        self.write("place/a.yaml", LOGISTIC.replace("own/train.svm", "synthetic, partition: {dirichlet: 0.1, alpha: 1}"))
        self.assert_refused(self.gossamer("check", "place/a.yaml"), r"place/a\.yaml:2:\d+: ")


if __name__ == "__main__":
    unittest.main()
