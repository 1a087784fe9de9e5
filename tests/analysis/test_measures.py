import unittest

import numpy as np
from traces_for_tests import WithFolder, metrics

from analysis import measures
from analysis.command import InputError
from analysis.expressions import Expression, ExpressionError
from analysis.measures import At, NotMeasured
from analysis.traces import load


class Measures(WithFolder):
    """Of the trace that metrics() makes: row k is iteration 2 k, with gradient norm 2^-k and 10^4 k bits."""

    def measured(self, columns=None, **attributes):
        return load(self.trace(columns=columns, **attributes))

    def test_along_a_run(self):
        trace = self.measured()
        self.assertEqual(measures.final(trace, "grad_norm"), 0.5**20)
        self.assertEqual(measures.least(trace, "grad_norm"), 0.5**20)
        self.assertEqual(measures.greatest(trace, "grad_norm"), 1)
        self.assertEqual(measures.best(trace, "loss"), measures.least(trace, "loss"))
        self.assertEqual(measures.best(trace, "test_accuracy"), measures.greatest(trace, "test_accuracy"))

    def test_at_is_the_last_row_that_is_not_later(self):
        trace = self.measured()
        self.assertEqual(
            [measures.at(trace, "grad_norm", t) for t in (0, 4, 5, 40)], [1, 0.25, 0.25, 0.5**20]
        )
        for iteration in (-1, 41):
            with self.assertRaisesRegex(
                NotMeasured, r"a\.h5: grad_norm was evaluated in iterations 0 to 40, not at"
            ):
                measures.at(trace, "grad_norm", iteration)

    def test_a_budget_ends_at_the_last_row_within_it(self):
        trace = self.measured()  # an evaluated row every 2 iterations, of 10 kbit
        for text, value in (
            ("final", 0.5**20), ("bits=20000", 0.25), ("bits=29.9 kbit", 0.25), ("bits=2.5kB", 0.25), ("iteration=5", 0.25),
            ("time=0s", 1),
        ):
            self.assertEqual(At.read(text).value(trace, "grad_norm"), value, text)
        with self.assertRaisesRegex(NotMeasured, r"a\.h5: grad_norm was evaluated at bits 0 to 200000, not at 1e\+09"):
            At.read("bits=1Gbit").value(trace, "grad_norm")
        with self.assertRaisesRegex(InputError, "time=1bit: time is counted in s; '1bit' is another unit"):
            At.read("time=1bit").value(trace, "grad_norm")
        for text in ("end", "loss=1", "time=", "time=x", "=1s"):
            with self.assertRaisesRegex(InputError, "it takes final, best, or a budget, such as time=60s or bits=1Gbit"):
                At.read(text)

    def test_what_diverges_after_a_budget_has_a_value_there(self):
        trace = self.measured(status="diverged", diverged_at=50)
        self.assertEqual(At.read("bits=20kbit").outcome(trace, "grad_norm"), 0.25)
        self.assertEqual(At.read("bits=1Gbit").outcome(trace, "grad_norm"), np.inf)
        self.assertEqual(At.read("time=1h").outcome(trace, "bits"), np.inf)

    def test_reach_is_the_first_row_that_is_as_good(self):
        trace = self.measured()
        self.assertEqual(measures.reach(trace, "grad_norm", 0.25, "bits"), 20_000)
        self.assertEqual(measures.reach(trace, "grad_norm", 0.24, "iteration"), 6)
        self.assertEqual(measures.reach(trace, "grad_norm", 0, "bits"), np.inf)
        # 1 - 0.9 exp(-t/10) is 0.5 at t = 5.9; it is evaluated at every fourth iteration.
        self.assertEqual(measures.reach(trace, "test_accuracy", 0.5, "iteration"), 8)
        self.assertEqual(measures.reach(trace, "bits", 15_000, "time"), 2)  # what is counted rises

    def test_what_has_no_better_direction_is_reached_only_where_it_counts_something(self):
        trace = self.measured(metrics(my_metric=np.arange(21)))
        self.assertEqual(measures.reach(trace, "iteration", 5, "bits"), 30_000)
        for measure in (lambda: measures.reach(trace, "my_metric", 5, "bits"), lambda: measures.best(trace, "my_metric")):
            with self.assertRaisesRegex(InputError, r"a\.h5: does not say whether higher or lower my_metric is better"):
                measure()
        self.assertEqual(measures.final(trace, "my_metric"), 20)

    def test_rows_that_were_not_evaluated_do_not_count(self):
        accuracy = np.full(21, np.nan)
        with self.assertRaisesRegex(NotMeasured, "a.h5: test_accuracy was not evaluated"):
            measures.final(self.measured(metrics(test_accuracy=accuracy)), "test_accuracy")
        accuracy[[3, 7]] = 0.5, 0.25
        trace = self.measured(metrics(test_accuracy=accuracy))
        self.assertEqual(measures.final(trace, "test_accuracy"), 0.25)
        self.assertEqual(measures.at(trace, "test_accuracy", 13), 0.5)

    def test_a_diverged_run_ends_as_badly_as_can_be(self):
        trace = self.measured(status="diverged", diverged_at=50)
        self.assertEqual(measures.final(trace, "loss"), np.inf)
        self.assertEqual(measures.final(trace, "test_accuracy"), -np.inf)
        self.assertEqual(measures.final(trace, "iteration"), 40)
        self.assertEqual(measures.at(trace, "grad_norm", 49), 0.5**20)
        self.assertEqual(measures.at(trace, "grad_norm", 1000), np.inf)
        self.assertEqual(measures.least(trace, "grad_norm"), 0.5**20)
        self.assertEqual(measures.reach(trace, "grad_norm", 0.25, "bits"), 20_000)
        self.assertEqual(measures.reach(trace, "test_accuracy", 1, "bits"), np.inf)


class Expressions(WithFolder):
    def setUp(self):
        super().setUp()
        fast = load(self.trace("fast.h5"))
        slow = load(self.trace("slow.h5", metrics(grad_norm=0.9 ** np.arange(21))))
        many = [
            load(self.trace(f"{i}.h5", metrics(loss=np.full(21, loss)))) for i, loss in enumerate((1, 2, 6))
        ]
        wild = load(self.trace("wild.h5", status="diverged", diverged_at=50))
        self.traces = {"fast": [fast], "slow": [slow], "many": many, "wild": [wild]}
        self.seeds = {"fast": None, "slow": None, "many": 3, "two": 2, "wild": None}

    def evaluate(self, text):
        return Expression(text, self.seeds).evaluate(self.traces)[:2]

    def test_what_holds_and_the_numbers_in_place(self):
        for text, holds, numbers in (
            ("final(fast, grad_norm) < 1e-6", True, "9.53674e-07 < 1e-6"),
            ("final(fast, loss) < final(slow, loss) - 0.1", False, "0.3 < 0.3 - 0.1"),
            ("1 < 2 < 3 and not 3 <= 2 or 1 == 0", True, "1 < 2 < 3 and not 3 <= 2 or 1 == 0"),
            ("1 < 2 > 3 or 1 != 1.0", False, "1 < 2 > 3 or 1 != 1.0"),
            ("1 + 2 * 3 - 4 / 2 == -(-5)", True, "1 + 2 * 3 - 4 / 2 == -(-5)"),
            ("abs(at(fast, grad_norm, 4) - 0.25) <= 0", True, "abs(0.25 - 0.25) <= 0"),
            (
                "max(1, 3) == 3 and min(least(fast, grad_norm), 1) < 1",
                True,
                "max(1, 3) == 3 and min(9.53674e-07, 1) < 1",
            ),
            ("greatest(fast, grad_norm) > 0", True, "1 > 0"),
            # What another run reached at the end, this one reaches at once.
            ("reach(fast, grad_norm, final(slow, grad_norm), bits) == 40000", True, "40000 == 40000"),
            ("reach(fast, grad_norm, 0, bits) < infinity", False, "never < infinity"),
            ("final(wild, loss) > 1e300", True, "infinity > 1e300"),
            ("1 / 0 == infinity", True, "1 / 0 == infinity"),
            # Over seeds 1, 2 and 6: mean 3, standard deviation sqrt((4 + 1 + 9) / 2).
            ("mean(final(many, loss)) == 3", True, "3 == 3"),
            ("std(final(many, loss)) > 2.6", True, "2.64575 > 2.6"),
            ("mean(abs(final(many, loss) - 2) * 2) > 3.3", True, "3.33333 > 3.3"),
            ("mean(final(many, loss) - final(many, loss)) == 0", True, "0 == 0"),
            ("mean(reach(many, loss, final(many, loss), iteration)) == 0", True, "0 == 0"),
            ("final(fast,  loss)<1", True, "0.3<1"),
        ):
            with self.subTest(text):
                self.assertEqual(self.evaluate(text), (holds, numbers))

    def test_the_runs_that_it_needs(self):
        self.assertEqual(
            Expression("reach(slow, loss, final(fast, loss), bits) > 1 or 1 > 2", self.seeds).runs, [
                "fast", "slow"
            ]
        )

    def test_what_is_wrong_and_where(self):
        for text, at, message in (
            (
                "final(fst, loss) < 1",
                "fst",
                "'fst' is not a run; did you mean 'fast'? there are: fast, slow, many",
            ),
            ("1 < final(fast, los)", "los)", "'los' is not a metric; did you mean 'loss'? there are: iteration"),
            (
                "1 < fnal(fast, loss)",
                "fnal",
                "'fnal' is not a function; did you mean 'final'? there are: final, least",
            ),
            ("reach(fast, loss, 1, bit) < 1", "bit)", "'bit' is not a metric; did you mean 'bits'?"),
            ("final(fast) < 1", "final", "'final(fast)' has the wrong number of arguments; write final(run, metric)"),
            ("final(3, loss) < 1", "3", "'3' is not a run"),
            ("final(fast, loss)", "final", "'final(fast, loss)' is neither true nor false; compare it"),
            ("1 < 2 and 3", "3", "'3' is neither true nor false"),
            ("abs(1 < 2) == 1", "1 < 2", "'1 < 2' is true or false, but a number is needed"),
            ("fast < 1", "fast", "'fast' is a run; name a number of it, such as final(fast, loss)"),
            (
                "final(many, loss) < 1",
                "final",
                "'final(many, loss)' has a number for each seed; use mean(...)",
            ),
            ("mean(final(fast, loss)) < 1", "final", "'final(fast, loss)' is a single number, but mean is over seeds"),
            ("mean(final(many, loss) - final(two, loss)) < 1", "final", "combines runs with"),
            (
                "reach(fast, loss, final(many, loss), bits) < 1",
                "final",
                "'final(many, loss)' has a different number of seeds than",
            ),
            ("2 ** 9 > 1", "2 **", "'2 ** 9' is not allowed; there are numbers, infinity, +"),
            ("1 in 2", "1", "'1 in 2' is not allowed"),
            ("'a' < 1", "'a'", "''a'' is not allowed"),
            ("True < 1", "True", "'True' is not allowed"),
            ("x < 1", "x", "'x' is not allowed"),
            (
                "1 < __import__('os').system('true')",
                "__import__",
                "'__import__('os').system('true')' is not allowed",
            ),
            ("(lambda: 1)() < 2", "(lambda", "is not allowed"),
            ("[1][0] < 2", "[", "is not allowed"),
            ("final(run=fast, metric=loss) < 1", "final", "is not allowed"),
            ("1 < 1 if 1 < 2 else 2", "1 < 1 if", "is neither true nor false"),
            ("1 < 1e", "1e", "cannot be read: invalid decimal literal"),
            ("(1 < 2", "(1", "cannot be read: '(' was never closed"),
            ("1 <", "1", "cannot be read: invalid syntax"),
            ("x = 3", "= 3", "cannot be read: invalid syntax"),
            ("1 < \0", "1", "cannot be read"),
            ("1" + "0" * 400 + " < 2", "1", "00…' is too large"),
            ("1 < " + "+1" * 5000, "1", "cannot be read: it is too long"),
            ("1 < " + "(" * 5000, "", "cannot be read"),
            ("é + 1 < " + "z", "é", "'é' is not allowed"),
            ("1 < 2 or final(é, loss) < 1 or 1 < z", "é", "'é' is not a run"),
        ):
            with self.subTest(text[:60]), self.assertRaises(ExpressionError) as caught:
                Expression(text, self.seeds)
            self.assertIn(message, str(caught.exception))
            if at:
                self.assertEqual(caught.exception.offset, text.index(at), text[:60])

    def test_what_cannot_be_measured(self):
        for text, reason in (
            ("final(fast, sparsity) < 1", "fast.h5: has no metric 'sparsity'"),
            ("at(fast, loss, 1000) < 1", "not at 1000"),
            (
                "final(wild, loss) - final(wild, loss) < 1",
                "final(wild, loss) - final(wild, loss) is not a number",
            ),
            ("1 < 2 or 0 / 0 < 1", "0 / 0 is not a number"),
        ):
            with self.subTest(text), self.assertRaises(NotMeasured) as caught:
                self.evaluate(text)
            self.assertIn(reason, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
