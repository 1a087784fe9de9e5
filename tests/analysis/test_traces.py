import unittest

import h5py
import numpy as np
from traces_for_tests import WithFolder, metrics, scenario

from analysis.labels import labels_of, unsaid_differences
from analysis.traces import Meaning, TraceError, load


class Loading(WithFolder):
    def test_a_trace_as_the_contract_says(self):
        trace = load(self.trace(status="diverged", diverged_at=120))
        self.assertEqual((trace.name, trace.status, trace.diverged_at), ("A run", "diverged", 120))
        self.assertEqual(trace.parameters["algorithm.step_size"], "1e-3")  # as written
        np.testing.assert_array_equal(trace.metric("iteration"), 2.0 * np.arange(21))
        self.assertEqual(trace.metric("iteration").dtype, float)

    def test_a_number_whose_square_is_infinite_is_infinite(self):
        trace = load(self.trace(columns={"loss": [1e100, 1e200, -1e200, np.nan]}))
        np.testing.assert_array_equal(trace.metric("loss"), [1e100, np.inf, -np.inf, np.nan])

    def test_strings_come_as_bytes_or_text_of_fixed_or_variable_length(self):
        kinds = {
            "bytes, fixed": lambda text: np.bytes_(text.encode()),
            "bytes, padded": lambda text: np.array(text.encode(), dtype=f"S{len(text.encode()) + 5}"),
            "text, variable": lambda text: text,
            "array of one": lambda text: np.array([text], dtype=h5py.string_dtype()),
            "ascii, variable": lambda text: np.array(text, dtype=h5py.string_dtype("ascii")),
        }
        for kind, of in kinds.items():
            with self.subTest(kind):
                name = "A run" if "ascii" in kind else "Größe"
                trace = load(
                    self.trace(
                        format=of("gossamer-trace"), status=of("complete"), scenario=of(scenario(name))
                    )
                )
                self.assertEqual((trace.name, trace.status), (name, "complete"))

    def test_names_quoted_or_not(self):
        for written, name in (
            ("DGD on a ring", "DGD on a ring"),
            ("'It''s: a # name'", "It's: a # name"),
            (r'"tab\tand \"quotes\" and é"', 'tab\tand "quotes" and é'),
            ("0.10", "0.10"),  # not the number 0.1
            ("yes  # a comment", "yes"),
            (">\n  folded\n  over lines", "folded over lines"),
        ):
            with self.subTest(written):
                self.assertEqual(load(self.trace(scenario=scenario(written))).name, name)

    def test_only_the_top_level_name_counts_and_else_the_file_stem(self):
        for text in ("problem:\n  name: inner\n", "name: ''\n", "", None):
            self.assertEqual(load(self.trace("some run.h5", scenario=text)).name, "some run")

    def test_a_trace_without_a_status_does_not_claim_to_be_complete(self):
        self.assertEqual(load(self.trace(status=None)).status, "partial")


class Meanings(WithFolder):
    """What a trace says about its metrics: the unit, and which way they are better."""

    def test_they_are_the_traces_own(self):
        trace = load(self.trace(columns=metrics(energy=np.ones(21)), meanings={"energy": ("J", "lower"), "loss": ("", "higher")}))
        self.assertEqual(trace.meaning("energy"), Meaning("J", "lower"))
        self.assertTrue(trace.higher_is_better("loss"))
        self.assertEqual(trace.meaning("bits"), Meaning())  # not what older versions meant: this one says something
        with self.assertRaisesRegex(TraceError, r"a\.h5: does not say whether higher or lower bits is better"):
            trace.higher_is_better("bits")

    def test_traces_of_older_versions_say_nothing(self):
        new, old = load(self.trace("new.h5")), load(self.trace("old.h5", meanings={}))
        self.assertEqual(old.meanings, new.meanings)
        self.assertEqual((new.meaning("bits").unit, new.meaning("time").unit), ("bit", "s"))
        self.assertTrue(old.higher_is_better("test_accuracy"))
        self.assertFalse(old.higher_is_better("grad_norm"))
        self.assertEqual(load(self.trace(columns={"energy": np.ones(3)}, meanings={})).meaning("energy"), Meaning())


class Refusing(WithFolder):
    def refused(self, path, *words):
        with self.assertRaises(TraceError) as caught:
            trace = load(path)
            trace.name, trace.metric("loss")
        message = str(caught.exception)
        self.assertTrue(message.startswith(str(path)), message)
        for word in words:
            self.assertIn(word, message)

    def test_files_that_are_not_traces(self):
        text = self.folder / "text.h5"
        text.write_text("not HDF5 at all\n" * 100)
        empty = self.folder / "empty.h5"
        empty.touch()
        whole = self.trace("whole.h5").read_bytes()
        cut = self.folder / "cut.h5"
        cut.write_bytes(whole[: len(whole) // 2])
        self.refused(self.folder / "missing.h5", "no such file")
        self.refused(self.folder, "is a directory")
        self.refused(text, "not an HDF5 file")
        self.refused(empty, "not an HDF5 file")
        self.refused(cut, "damaged HDF5 file")
        self.refused(self.trace(format="other"), "'other'", "'gossamer-trace'")
        self.refused(self.trace(format=None), "missing")

    def test_a_file_cut_anywhere_is_refused(self):
        # A full disk or a broken copy. (Flipped bits are not tested: libhdf5 1.10 itself can crash on them.)
        whole = self.trace("whole.h5").read_bytes()
        path = self.folder / "cut.h5"
        for length in range(0, len(whole), 97):
            path.write_bytes(whole[:length])
            self.refused(path, "cannot be read as a trace")

    def test_broken_contracts(self):
        self.refused(self.trace(format_version=3), "version 3", "1 and 2")
        self.refused(self.trace(status="done"), "'done'", "complete, diverged, failed, partial")
        self.refused(self.trace(status="diverged", diverged_at="soon"), "diverged_at")
        self.refused(self.trace(scenario=7), "scenario")
        self.refused(self.trace(scenario="name: [unclosed"), "YAML")
        self.refused(self.trace(columns={}), "no metrics")
        self.refused(self.trace(columns={"loss": np.zeros((2, 2))}), "/metrics/loss")
        self.refused(self.trace(columns={"loss": np.array([b"a"])}), "/metrics/loss")
        self.refused(self.trace(columns={"loss": np.zeros(0)}), "no rows")
        self.refused(
            self.trace(columns={"loss": np.zeros(3), "time": np.zeros(2)}), "time has 2 rows", "loss 3"
        )
        for meaning in (("", "greater"), (3, "lower")):
            self.refused(self.trace(meanings={"loss": meaning}), "/metrics/loss: 'unit' must be a short string and 'better' either")

    def test_an_unknown_metric_lists_the_known_and_the_nearest(self):
        trace = load(self.trace(columns={"test_accuracy": np.zeros(1), "loss": np.zeros(1)}))
        with self.assertRaisesRegex(
            TraceError, "no metric 'test_acuracy'; did you mean 'test_accuracy'[?] it has loss, test_accuracy"
        ):
            trace.metric("test_acuracy")


class Labels(WithFolder):
    def labels(self, *scenarios, files=None):
        files = files or [f"{i}.h5" for i in range(len(scenarios))]
        return labels_of([load(self.trace(file, scenario=text)) for file, text in zip(files, scenarios)])

    def test_different_names_are_the_labels(self):
        self.assertEqual(self.labels(scenario("DGD"), scenario("DADAM")), (["DGD", "DADAM"], None))

    def test_one_trace_is_called_by_its_name(self):
        self.assertEqual(self.labels(scenario("DGD")), (["DGD"], None))

    def test_a_name_that_all_share_becomes_the_title(self):
        self.assertEqual(
            self.labels(scenario("Ring", kind="dgd"), scenario("Ring", kind="dadam")),
            (["dgd", "dadam"], "Ring"),
        )

    def test_as_few_parameters_as_tell_runs_apart_the_algorithm_first(self):
        grid = [
            scenario("S", kind=kind, bandwidth=bandwidth, seed=seed)
            for kind, seed in (("dgd", 1), ("dadam", 2))
            for bandwidth in ("1 Mbit/s", "2 Mbit/s")
        ]
        labels, _ = self.labels(*grid)
        self.assertEqual(
            labels,
            [
                "dgd, bandwidth 1 Mbit/s",
                "dgd, bandwidth 2 Mbit/s",
                "dadam, bandwidth 1 Mbit/s",
                "dadam, bandwidth 2 Mbit/s",
            ],
        )

    def test_only_those_that_share_a_name_are_told_apart(self):
        labels, title = self.labels(scenario("A"), scenario("B", seed=1), scenario("B", seed=2))
        self.assertEqual((labels, title), (["A", "B, seed 1", "B, seed 2"], None))

    def test_equal_scenarios_are_told_apart_by_file_stem_then_path_then_number(self):
        self.assertEqual(
            self.labels(scenario("S"), scenario("S"), files=["old.h5", "new.h5"])[0], ["old", "new"]
        )
        one, two = self.labels(scenario("S"), scenario("S"), files=["x/run.h5", "y/run.h5"])[0]
        self.assertTrue(one.endswith("x/run.h5") and two.endswith("y/run.h5"))
        three = [scenario("S", kind=kind) for kind in ("dgd", "dadam", "dadam")]
        self.assertEqual(self.labels(*three, files=["a.h5", "b.h5", "c.h5"])[0], ["dgd", "dadam, b", "dadam, c"])
        trace = load(self.trace())
        labels, _ = labels_of([trace, trace])
        self.assertEqual(len(set(labels)), 2)

    def unsaid(self, *scenarios):
        traces = [load(self.trace(f"{i}.h5", scenario=text)) for i, text in enumerate(scenarios)]
        return unsaid_differences(traces, labels_of(traces)[0])

    def test_what_labels_do_not_tell(self):
        ring = "{kind: ring, nodes: 4}"
        random = "{kind: erdos_renyi, nodes: 8, p: 0.5}"
        for expected, one, other in (
            ("seed (1, 2)", "name: A\nseed: 1", "name: B\nseed: 2"),
            ("", "name: A\nseed: 1", "name: A\nseed: 2"),  # they are the labels
            ("", "name: DGD\nalgorithm: {kind: dgd}", "name: ours\nalgorithm: {kind: dadam}"),
            # A step size may well differ between algorithms; between two runs of one it should be said.
            (
                "",
                "name: A\nalgorithm: {kind: dgd, step_size: 1}",
                "name: B\nalgorithm: {kind: dadam, step_size: 2}",
            ),
            (
                "algorithm.step_size (1, 2)",
                "name: A\nalgorithm: {kind: dgd, step_size: 1}",
                "name: B\nalgorithm: {kind: dgd, step_size: 2}",
            ),
            ("", "name: step 0.1\nalgorithm: {step: 0.1}", "name: step 0.2\nalgorithm: {step: 0.2}"),
            (
                "topology.kind (ring, erdos_renyi)",
                f"name: A\ntopology: {ring}",
                f"name: B\ntopology: {random}",
            ),
            ("", f"name: a ring\ntopology: {ring}", f"name: Erdos-Renyi\ntopology: {random}"),
            ("", "name: A\nrecord: {every: 1}", "name: B\nrecord: {every: 2}"),
            ("stop.bits (9, none)", "name: A\nstop: {bits: 9}", "name: B\nstop: {iterations: 9}"),
        ):
            with self.subTest(one=one, other=other):
                said = self.unsaid(one, other)
                self.assertEqual(said.removesuffix(", stop.iterations (none, 9)"), expected)

    def test_what_labels_do_not_tell_is_said_briefly(self):
        many = [f"name: {'ABCDEFGH'[i]}\n" + "".join(f"s{k}: {i}\n" for k in range(8)) for i in range(6)]
        values = "0, 1, 2, 3 and 2 more"
        self.assertEqual(self.unsaid(*many), ", ".join(f"s{k} ({values})" for k in range(6)) + " and 2 more")
        self.assertEqual(self.unsaid("", many[0]), "")  # a trace without a scenario tells nothing

    def test_no_control_characters_reach_the_figure(self):
        self.assertEqual(self.labels(scenario(r'"a\tb\x01c"'))[0], ["a b c"])


if __name__ == "__main__":
    unittest.main()
