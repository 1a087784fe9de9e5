"""What papers prove, along runs on quadratics whose recursions are written out here."""

import math
import subprocess
import unittest

import h5py
import numpy as np
from test_plot import WithPlot
from traces_for_tests import GOSSAMER, WithFolder, scenario

from analysis import plot, theory
from analysis.measures import NotMeasured
from analysis.traces import load

A = np.array([[0.5, -1, 0.2, 0], [1, 0.3, -0.4, 0.8], [-0.6, 0.9, 0.7, -0.2]])
T, D, N = 400, 4, 3
SCENARIO = """\
topology: {{kind: {graph}, nodes: {nodes}}}
problem: {{kind: quadratic, targets: {targets}}}
algorithm: {{{algorithm}, wire: float64}}
stop: {{iterations: {iterations}}}
record: {{vectors: [{vectors}]{record}}}
"""


class OnQuadratics(WithFolder):
    def run_of(self, algorithm, vectors, graph="star", iterations=T, refused=None, more="", said="", record="", nodes=N,
               targets=A.tolist()):
        settings = {"graph": graph, "nodes": nodes, "targets": targets, "algorithm": algorithm, "iterations": iterations}
        path = self.write("s.yaml", SCENARIO.format(**settings, vectors=vectors, record=record) + more)
        command = [GOSSAMER, "run", str(path), "--quiet", "-o", str(self.folder / "s.h5")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if refused:
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, refused)
            return None
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, rf"\A{said}\Z")
        return load(self.folder / "s.h5")

    def state(self, trace, name):
        with h5py.File(trace.path) as file:
            return file[f"vectors/{name}"][:]


def decentralized_amsgrad(alpha, beta1, beta2, epsilon):
    """Rows 1 to T of x, g, v^, u~_{t+1/2}, and the u_t, by Algorithm 3 of the paper; W = 1/3 everywhere."""
    x, m, v = np.zeros((N, D)), np.zeros((N, D)), np.zeros((N, D))
    v_hat = np.full((N, D), epsilon)
    u_half = v_hat
    rows = []
    for _ in range(T):
        g = x - A
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        before, v_hat = v_hat, np.maximum(v_hat, v)
        u_tilde = np.tile(u_half.mean(axis=0), (N, 1))
        u = np.maximum(u_tilde, epsilon)
        x = np.tile(x.mean(axis=0), (N, 1)) - alpha * m / np.sqrt(u)
        u_half = u_tilde - before + v_hat
        rows.append((x, g, v_hat, u_half, u))
    return [np.array(column) for column in zip(*rows)]


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class Decentralized(OnQuadratics):
    def setUp(self):
        super().setUp()
        self.alpha, self.beta1, self.epsilon = 1 / math.sqrt(T * D), 0.9, 1.0
        settings = f"kind: decentralized_amsgrad, step_size: {self.alpha}, beta1: 0.9, beta2: 0.5, epsilon: 1"
        self.trace = self.run_of(settings, "x, gradient, full_gradient, v_hat, u_half", graph="ring")
        self.rows = decentralized_amsgrad(self.alpha, 0.9, 0.5, 1.0)

    def test_state_is_that_of_the_recursion(self):
        for name, expected in zip(("x", "gradient", "v_hat", "u_half"), self.rows):
            found = self.state(self.trace, name)
            self.assertEqual(found.shape, (T + 1, N, D))
            np.testing.assert_allclose(found[1:], expected, rtol=0, atol=1e-13)
            self.assertEqual(np.isnan(found[0]).all(), name != "x")
        mean = self.state(self.trace, "x").mean(axis=1)
        np.testing.assert_allclose(self.state(self.trace, "full_gradient")[:, 0], mean - A.mean(axis=0), atol=1e-13)

    def test_theorem_2_at_the_horizon_as_printed(self):
        x, g, v_hat, _, u = self.rows
        x = np.concatenate([np.zeros((1, N, D)), x])[:-1]  # x_1, ..., x_T
        G, L, lam, ratio = np.abs(g).max(), 1.0, 0.0, self.beta1 / (1 - self.beta1)
        gradient = x.mean(axis=1) - A.mean(axis=0)
        left = np.mean([(f**2 / np.sqrt(w.mean(axis=0))).sum() for f, w in zip(gradient, u)])
        changes = sum(np.abs(v_hat[t] - (v_hat[t - 1] if t else 1.0)).sum() for t in range(T - 1))
        C1, C2 = 4.0, 6 * (ratio**2 + 1) * L * G**2
        C3, C4 = 16 * L**2 * G**2, 2 * (lam + ratio) * G**2
        C5 = 2 * L * ratio**2 * G**2
        gap = (A.mean(axis=0) ** 2).sum() / 2
        right = C1 * math.sqrt(D / T) * gap + C2 / T + C3 / (T**1.5 * D**0.5)
        right += (C4 / (T * N**0.5) + C5 / (T**1.5 * (D * N) ** 0.5)) * changes
        found = theory.sides(self.trace, "theorem_2")
        np.testing.assert_allclose([side[-1] for side in found], [left, right], rtol=1e-9)
        self.assertEqual(theory.share(self.trace, "theorem_2"), 1)
        self.assertLess(right, theory.sides(self.trace, "theorem_3")[1][-1])

    def test_equations_14_and_15(self):
        x = np.concatenate([np.zeros((1, N, D)), self.rows[0]])
        G2, ratio = np.abs(self.rows[1]).max() ** 2, self.beta1 / (1 - self.beta1)
        moved = apart = 0
        for t in range(1, T + 1):  # x[t - 1] is x_t
            now, earlier = x[t - 1].mean(axis=0), x[max(t - 2, 0)].mean(axis=0)
            moved += ((ratio * (now - earlier)) ** 2).sum()
            apart += np.mean([((x_i - now) ** 2).sum() for x_i in x[t - 1]])
        for name, left, factor in (("momentum_distance", moved, ratio**2), ("distance_of_nodes", apart, 1)):
            right = T * factor * self.alpha**2 * D * G2 / self.epsilon
            np.testing.assert_allclose([side[-1] for side in theory.sides(self.trace, name)], [left, right], rtol=1e-9)
            self.assertLessEqual(theory.left(self.trace, name), theory.right(self.trace, name))

    def test_what_averaging_alone_leaves_of_a_distance(self):
        left, distance = theory.sides(self.trace, "averaging")
        peak = int(distance.argmax())
        self.assertEqual(left[peak], distance[peak])
        self.assertTrue((left[peak + 1 :] < 1e-25).all())  # W = 1/3 on a triangle averages at once
        self.assertTrue(np.isnan(left[:peak]).all())

    def test_figure(self):
        figure = self.folder / "bound.svg"
        options = (self.trace.path, "--x", "iteration", "-o", figure)
        code, _, said = self.run_main(plot.main, *options, "--bound", "theorem_2")
        self.assertEqual((code, said), (0, ""))
        self.assertTrue(figure.exists())
        for wrong in ((), ("--bound", "theorem_2", "--y", "loss")):
            self.assertEqual(self.run_main(plot.main, *options, *wrong)[::2], (2, "plot.py: takes either --y or --bound\n"))

    def test_a_step_that_the_theorem_does_not_allow(self):
        settings = "kind: decentralized_amsgrad, step_size: 0.07, epsilon: 1"
        trace = self.run_of(settings, "x, gradient, full_gradient, v_hat, u_half", graph="ring")
        with self.assertRaisesRegex(NotMeasured, r"s\.h5: the theorem needs alpha <= sqrt\(epsilon\) / \(16 L\)"):
            theory.left(trace, "theorem_2")


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class Averaging(OnQuadratics, WithPlot):
    def test_drawn_values_are_the_closed_form(self):
        """On a ring of 4, W a = -a / 3 for a = (1, -1, 1, -1), and lambda = 1/3. DGD's nodes are at c_t a, where
        c_1 = alpha is the farthest and c_{t+1} = (-1/3 - alpha) c_t + alpha."""
        alpha, t = 0.1, np.arange(1, 11)
        trace = self.run_of(f"kind: dgd, step_size: {alpha}", "x", "ring", 10, nodes=4, targets=[[1], [-1], [1], [-1]])
        axes = self.axes(trace.path, "--x", "iteration", "--bound", "averaging")
        c = [alpha]
        for _ in t[1:]:
            c.append((-1 / 3 - alpha) * c[-1] + alpha)
        for line, expected in enumerate((alpha**2 / 9.0 ** (t - 1), np.square(c))):
            iterations, drawn = self.curve(axes, line)
            shown = np.isfinite(drawn)
            np.testing.assert_array_equal(iterations[shown], t)
            np.testing.assert_allclose(drawn[shown], expected, rtol=1e-12)


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class WithServer(OnQuadratics):
    def top(self, x, k=1):
        kept = np.zeros_like(x)
        places = np.argsort(-np.abs(x), kind="stable")[:k]
        kept[places] = x[places]
        return kept

    def test_cd_adam(self):
        settings = "kind: cd_adam, step_size: 1e-6, nu: 0.01, compressor: {kind: top_k, k: 1}"
        trace = self.run_of(settings, "gradient, full_gradient, g_hat, g_tilde, m, v", iterations=2)
        g, g_hat, g_tilde = (self.state(trace, name) for name in ("gradient", "g_hat", "g_tilde"))
        np.testing.assert_array_equal(g[1, :N], -A)
        first = np.array([self.top(-a) for a in A])
        np.testing.assert_allclose(g_hat[1, :N], first, atol=1e-16)
        np.testing.assert_allclose(g_hat[1, N], first.mean(axis=0), atol=1e-16)  # the server's is the mean
        np.testing.assert_allclose(g_tilde[1], np.tile(self.top(first.mean(axis=0)), (N + 1, 1)), atol=1e-16)
        self.assertTrue(np.isnan(g[1, N]).all())
        # The first message leaves |g_1 - C(g_1)|, however small the step: Lemma B.5 bounds it by a multiple of the step.
        left = np.linalg.norm((first + A).mean(axis=0))
        self.assertAlmostEqual(theory.sides(trace, "worker_error")[0][0], left, places=12)
        self.assertGreater(theory.left(trace, "worker_error"), theory.right(trace, "worker_error"))
        s = math.sqrt(3 / 4)
        G = theory.amplified(theory.Run(trace), theory.norms)[0]
        right = s / (1 - s) * ((1 + s) / (1 - s)) ** 2 * G * 1e-6 * math.sqrt(D / 0.01)
        self.assertAlmostEqual(theory.right(trace, "worker_error") / right, 1, places=9)
        error, bound = theory.sides(trace, "markov_error")
        self.assertTrue(np.isnan(error[0]).all())  # no gradient is before the first
        moved = np.linalg.norm(g[2, :N] - g[1, :N], axis=1)
        np.testing.assert_allclose(bound[1], 3 / 4 * (np.linalg.norm(first + A, axis=1) + moved) ** 2, rtol=1e-12)
        np.testing.assert_allclose(error[1], np.linalg.norm(g_hat[2, :N] - g[2, :N], axis=1) ** 2, rtol=1e-12)
        code, _, said = self.run_main(plot.main, trace.path, "--x", "iteration", "--bound", "markov_error", "-o", self.folder / "m.svg")
        self.assertEqual((code, said), (0, ""))
        for holds in ("markov_error", "bounded_vectors"):
            self.assertLessEqual(theory.left(trace, holds), theory.right(trace, holds) * (1 + 1e-12))

    def test_contraction(self):
        for compressor, bound in (("scaled_sign", 1), ("{kind: top_k, k: 1}", 3 / 4), ("identity", 0)):
            trace = self.run_of(
                f"kind: cd_adam, step_size: 0.1, compressor: {compressor}",
                "gradient, g_hat, g_tilde",
                iterations=50,
                record=", metrics: [contraction]",
            )
            g, g_hat, g_tilde = (self.state(trace, name)[1:] for name in ("gradient", "g_hat", "g_tilde"))
            before, before_down = (np.concatenate([np.zeros((1, N + 1, D)), state[:-1]]) for state in (g_hat, g_tilde))
            sent, exact = g_hat - before, g - before
            exact[:, N], sent[:, N] = g_hat[:, N] - before_down[:, N], (g_tilde - before_down)[:, N]
            expected = (((sent - exact) ** 2).sum(axis=2) / (exact**2).sum(axis=2)).max(axis=1)
            measured = trace.metric("contraction")
            self.assertTrue(np.isnan(measured[0]))
            np.testing.assert_allclose(measured[1:], expected, rtol=1e-9, atol=1e-15)
            self.assertLessEqual(measured[1:].max(), bound + 1e-15)
        self.run_of("kind: sgd, step_size: 0.1", "x", refused="the run has no contraction", record=", metrics: [contraction]")
        quantized = "kind: qcmd_adagrad, step_size: 0.1, lambda: 0, quantizer: {kind: threshold, optimal: true}"
        trace = self.run_of(quantized, "gradient", iterations=1, record=", metrics: [contraction]")
        # Of the first gradients, -a_i, and of their mean quantized, the best of all sets of the largest magnitudes.
        def left(x):
            largest = np.sort(np.abs(x))[::-1]
            return 1 - max((largest[:k].sum() ** 2 / k for k in range(1, D + 1))) / (x**2).sum()
        self.assertAlmostEqual(trace.metric("contraction")[1], max(left(row) for row in A), places=12)

    def test_sparse_ams(self):
        settings = "kind: sparse_ams, step_size: 0.01, compressor: {kind: top_k, k: 1}"
        trace = self.run_of(settings, "gradient, e", iterations=3)
        e = np.zeros((N, D))
        for t, g in enumerate(self.state(trace, "gradient")[1:, :N]):
            p = g + e
            e = p - np.array([self.top(row) for row in p])
            np.testing.assert_allclose(self.state(trace, "e")[t + 1, :N], e, atol=1e-15)
        left, right = theory.sides(trace, "bounded_quantization")
        self.assertEqual(left.shape, (3, N))
        np.testing.assert_allclose(right[0], math.sqrt(3 / 4) * np.linalg.norm(A, axis=1))
        trace = self.run_of(settings + ", error_feedback: false", "gradient, e", iterations=3)
        with self.assertRaisesRegex(NotMeasured, "without error_feedback its messages cannot be told from 'e'"):
            theory.left(trace, "bounded_quantization")

    def test_adagrad(self):
        settings = "kind: cmd_adagrad, step_size: 0.5, lambda: 0.1, delta: 1"
        trace = self.run_of(settings, "x, H", iterations=50)
        x, squares, regret = np.zeros(D), np.zeros(D), []
        solution = np.sign(A.mean(axis=0)) * np.maximum(np.abs(A.mean(axis=0)) - 0.1, 0)
        dual = bregman = 0

        def objective(point):
            return ((point - A) ** 2).sum(axis=1).mean() / 2 + 0.1 * np.abs(point).sum()

        for t in range(50):
            q = x - A.mean(axis=0)
            H_before, squares = 1 + np.sqrt(squares), squares + q**2
            H = 1 + np.sqrt(squares)
            bregman += ((H if t == 0 else H - H_before) * (solution - x) ** 2).sum() / 2
            z = x - 0.5 / H * q
            x = np.sign(z) * np.maximum(np.abs(z) - 0.1 * 0.5 / H, 0)
            dual += (q**2 / H).sum() / 2
            regret.append(objective(x) - objective(solution))
        found = theory.sides(trace, "proposition_3_1")
        np.testing.assert_allclose([side[-1] for side in found], [sum(regret), dual + bregman / 0.5], rtol=1e-9)
        found = theory.sides(trace, "lemma_4_1")
        np.testing.assert_allclose([side[-1] for side in found], [dual, np.sqrt(squares).sum()], rtol=1e-9)


@unittest.skipUnless(GOSSAMER, "GOSSAMER does not name the command")
class WrongInput(OnQuadratics):
    def test_scenarios(self):
        known = "there are: x, gradient, full_gradient, m, v, v_hat"
        self.run_of("kind: dadam, step_size: 1", "v_hut", "ring", refused=f"s.yaml:5:19: vectors: the algorithm has no 'v_hut'; {known}\n")
        self.run_of("kind: dadam, step_size: 1", "m, m", "ring", refused="s.yaml:5:19: vectors: 'm' is there twice\n")
        self.run_of("kind: async_sgd, step_size: 1", "x", refused="s.yaml:5:19: vectors: takes rows by iteration, of nodes")

    def test_traces(self):
        trace = self.run_of("kind: decentralized_adam, step_size: 0.1", "x", "ring")
        with self.assertRaisesRegex(NotMeasured, "has no /vectors/gradient; theory needs 'gradient' in record.vectors"):
            theory.left(trace, "distance_of_nodes")
        with self.assertRaisesRegex(NotMeasured, "theory needs a row for every iteration; set record.every: 1"):
            theory.left(load(self.trace("b.h5", scenario=scenario(kind="cd_adam"))), "markov_error")

    def assert_not_measured(self, trace, statement, why):
        for side in (theory.left, theory.right, theory.share):
            with self.assertRaisesRegex(NotMeasured, why):
                side(trace, statement)
        options = (trace.path, "--x", "iteration", "--bound", statement, "-o", self.folder / "bound.svg")
        code, _, said = self.run_main(plot.main, *options)
        self.assertEqual(code, 2)
        self.assertRegex(said, why)

    def test_statements_about_another_algorithm(self):
        trace = self.run_of("kind: dadam, step_size: 0.1", "x, gradient", "ring")
        self.assert_not_measured(trace, "distance_of_nodes", "'distance_of_nodes' speaks of decentralized_amsgrad and .*, not of dadam")

    def test_a_run_without_an_iteration(self):
        trace = self.run_of("kind: dgd, step_size: 1e200", "x", "ring", said=".*: diverged: .*: iteration 1: .*\n")
        self.assert_not_measured(trace, "averaging", "has no iteration")

    def test_a_run_too_short_for_what_two_iterations_say(self):
        trace = self.run_of("kind: cd_adam, step_size: 1e-6, nu: 0.01, compressor: {kind: top_k, k: 1}", "gradient, g_hat", iterations=1)
        self.assert_not_measured(trace, "markov_error", "'markov_error' says nothing of so few iterations")

    def test_a_mixing_matrix_that_does_not_connect(self):
        self.write("W.txt", "0 1 0\n1 0 0\n0 0 1\n")
        settings = "kind: decentralized_amsgrad, step_size: 0.001, epsilon: 1"
        vectors, mixing = "x, gradient, full_gradient, v_hat, u_half", "mixing: {kind: file, path: W.txt}\n"
        trace = self.run_of(settings, vectors, "ring", iterations=3, more=mixing)
        for statement in ("distance_of_nodes", "theorem_2", "theorem_3"):
            self.assert_not_measured(trace, statement, "theory needs lambda < 1; this mixing matrix has 1")

    def test_a_graph_that_changes(self):
        trace = self.run_of("kind: dgd, step_size: 0.1", "x", "random_matchings", iterations=3)
        self.assert_not_measured(trace, "averaging", "theory needs one W; this run has others in other iterations")

    def test_vectors_that_do_not_fit(self):
        trace = self.run_of("kind: dgd, step_size: 0.1", "x, gradient", "ring", iterations=5)
        for shape in ((3, 3, D), (6, 2, D), (6, 3, 0)):
            with h5py.File(trace.path, "r+") as file:
                del file["vectors/x"]
                file["vectors/x"] = np.zeros(shape)
            with self.assertRaisesRegex(NotMeasured, "vectors/x has the shape .*, which does not fit the rest"):
                theory.Run(trace).vectors("x")


if __name__ == "__main__":
    unittest.main()
