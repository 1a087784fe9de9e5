"""What the papers prove, as two sides of an inequality along a run: `left(run, NAME)` and `right(run, NAME)` in claims,
`plot.py --bound NAME` in figures.

The sides come from the vectors that `record.vectors` keeps, so a run has to record every iteration. Row t of the trace is
after iteration t: there x is x_{t+1} of a paper that begins with x_1, and m, v, ... are m_t, v_t, ...

A constant that bounds something for all x (G, the compressor's pi) is taken as the largest value along the run. Every
right side grows with it, so what holds with it holds with the true constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import yaml

from analysis.hdf5 import opened
from analysis.measures import NotMeasured
from analysis.runs import Runs
from analysis.traces import Meaning, Trace, TraceError

Sides = tuple[np.ndarray, np.ndarray]  # [iteration, ...]: left and right at t = 1, ..., T


@dataclass(frozen=True)
class Statement:
    says: str  # the paper and the place
    sides: Callable[[Run], Sides]
    algorithms: tuple[str, ...] = ()  # of which it speaks; none: of all
    names: tuple[str, str] = ("left side", "right side")  # in figures


def norms(vectors: np.ndarray) -> np.ndarray:
    """Euclidean, over the last axis."""
    return np.linalg.norm(vectors, axis=-1)


def running_sum(numbers: np.ndarray) -> np.ndarray:
    return np.cumsum(numbers, axis=0)


# --- what a run gives ---


class Run:
    """A trace with the vectors of its nodes, under the names that the papers use."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self._read: dict[str, np.ndarray] = {}  # what was read of /vectors

    @property
    def t(self) -> np.ndarray:
        """1, ..., T."""
        return self.trace.metric("iteration")[1:]

    def vectors(self, name: str) -> np.ndarray:
        """[row, node, d]: /vectors/NAME."""
        iterations = self.trace.metric("iteration")
        if not np.array_equal(iterations, np.arange(len(iterations))):
            raise NotMeasured(f"{self.trace.path}: theory needs a row for every iteration; set record.every: 1")
        if name not in self._read:
            try:
                with opened(self.trace.path) as file:
                    found = file.numbers(f"vectors/{name}", 3)
            except TraceError as error:
                raise NotMeasured(f"{error}; theory needs '{name}' in record.vectors") from None
            self.require_shape(f"vectors/{name}", found.shape)
            self._read[name] = found
        return self._read[name]

    def require_shape(self, name: str, shape: tuple[int, ...]) -> None:
        """A row for each of the trace, for one node or all, and as many coordinates as the other vectors have."""
        rows, workers = len(self.trace.metric("iteration")), int(self.trace.parameter("topology.nodes"))
        widths = {vectors.shape[2] for vectors in self._read.values()} or {shape[2]}
        if shape[0] != rows or shape[1] not in (1, workers, workers + 1) or shape[2] not in widths or shape[2] == 0:
            raise NotMeasured(f"{self.trace.path}: {name} has the shape {shape}, which does not fit the rest")

    def workers(self, name: str) -> np.ndarray:
        """[row, worker, d]: the same without a server."""
        nodes = self.vectors(name)
        return nodes[:, : int(self.trace.parameter("topology.nodes"))]

    def number(self, path: str) -> float:
        """A parameter of the scenario that is a single number."""
        text = self.trace.parameter(path)
        try:
            return float(text)
        except ValueError:
            raise NotMeasured(f"{self.trace.path}: theory needs a number as {path}, not {text}") from None

    def quadratic(self) -> np.ndarray:
        """[node, d]: the a_i of f_i(x) = |x - a_i|^2 / 2, for which L = 1."""
        if self.trace.parameter("problem.kind") != "quadratic":
            raise NotMeasured(f"{self.trace.path}: theory needs the problem 'quadratic', whose constants are known")
        return np.array(yaml.safe_load(self.trace.parameter("problem.targets")), dtype=float)

    @property
    def smoothness(self) -> float:
        """L."""
        self.quadratic()
        return 1.0

    @property
    def gap(self) -> float:
        """f(x_1) - min f."""
        return float(self.trace.metric("suboptimality")[0])

    def largest(self, name: str) -> float:
        """The largest coordinate of a vector along the run, over all workers."""
        return float(np.abs(self.workers(name)[1:]).max())

    @cached_property
    def contraction(self) -> float:
        """pi of |C(x) - x|^2 <= pi |x|^2 for CD-Adam's messages: that of top-k, or the largest along the run."""
        if self.trace.parameter("algorithm.compressor.kind") == "top_k" and self.trace.parameter("algorithm.per_layer") != "true":
            return 1 - self.number("algorithm.compressor.k") / self.workers("gradient").shape[-1]
        g, g_hat = self.workers("gradient")[1:], before_and_after(self.workers("g_hat"))
        up = norms(g_hat[1:] - g) / norms(g - g_hat[:-1])
        mean, g_tilde = g_hat.mean(axis=1), before_and_after(self.workers("g_tilde"))[:, 0]
        down = norms(g_tilde[1:] - mean[1:]) / norms(mean[1:] - g_tilde[:-1])
        return float(max(up.max(), down.max()) ** 2)


def before_and_after(vectors: np.ndarray, start: float = 0) -> np.ndarray:
    """The same with its value before the first iteration, which the trace does not have."""
    vectors = vectors.copy()
    vectors[0] = start
    return vectors


# --- any W ---


def averaging(run: Run) -> Sides:
    """What averaging alone leaves of the largest distance between nodes, from there on: lambda^(2 k) after k iterations.

    Nodes that also step along gradients stay above it.
    """
    distance = run.trace.metric("consensus")[1:]
    peak = int(np.nanargmax(distance)) if np.isfinite(distance).any() else 0
    since = run.t - run.t[peak]
    with np.errstate(over="ignore", under="ignore"):
        left = distance[peak] * mixing_lambda(run) ** (2 * since)
    return np.where(since >= 0, left, np.nan), distance


# --- X. Chen, B. Karimi, W. Zhao, P. Li, 2021: decentralized AMSGrad ---


def momentum_distance(run: Run) -> Sides:
    """Equation (14): sum_t |Z_t - X_t|^2 <= T (beta1 / (1 - beta1))^2 alpha^2 d G^2 / epsilon."""
    mean = run.vectors("x").mean(axis=1)[:-1]  # X_t
    beta, alpha = run.number("algorithm.beta1"), run.number("algorithm.step_size")
    moved = np.diff(mean, axis=0, prepend=mean[:1])  # X_t - X_{t-1}, where X_0 = X_1
    left = running_sum((beta / (1 - beta)) ** 2 * norms(moved) ** 2)
    bound = (beta / (1 - beta)) ** 2 * alpha**2 * mean.shape[1] * run.largest("gradient") ** 2
    return left, run.t * bound / run.number("algorithm.epsilon")


def distance_of_nodes(run: Run) -> Sides:
    """Equation (15): sum_t (1/N) sum_i |x_{t,i} - X_t|^2 <= T alpha^2 / (1 - lambda)^2 d G^2 / epsilon."""
    x = run.vectors("x")[:-1]
    left = running_sum((norms(x - x.mean(axis=1, keepdims=True)) ** 2).mean(axis=1))
    alpha, gap = run.number("algorithm.step_size"), 1 - connected_lambda(run)
    bound = (alpha / gap) ** 2 * x.shape[2] * run.largest("gradient") ** 2 / run.number("algorithm.epsilon")
    return left, run.t * bound


def mixing_lambda(run: Run) -> float:
    """max(|lambda_2|, |lambda_N|) of W."""
    with opened(run.trace.path) as file:
        attributes = file.attributes("topology/mixing_matrix")
    if "period" in attributes:
        raise NotMeasured(f"{run.trace.path}: theory needs one W; this run has others in other iterations")
    value = attributes.get("lambda")
    if not isinstance(value, float):
        raise NotMeasured(f"{run.trace.path}: its mixing matrix has no certified lambda")
    return value


def connected_lambda(run: Run) -> float:
    """The same where it is below 1, as the theorems need."""
    value = mixing_lambda(run)
    if value >= 1:
        raise NotMeasured(f"{run.trace.path}: theory needs lambda < 1; this mixing matrix has {value:g}")
    return value


def adaptive_gradient_bound(run: Run, changes: np.ndarray) -> Sides:
    """(3) and (5) for any T up to the run's and any constant alpha, from Equation (24); with alpha = 1 / sqrt(T d) they
    are as printed. `changes`: sum_t |V_{t-1} - V_{t-2}|_abs, or a bound on it. Full batches, so sigma = 0."""
    epsilon, alpha = run.number("algorithm.epsilon"), run.number("algorithm.step_size")
    L, lam, ratio = run.smoothness, connected_lambda(run), run.number("algorithm.beta1") / (1 - run.number("algorithm.beta1"))
    if alpha > math.sqrt(epsilon) / (16 * L):
        raise NotMeasured(f"{run.trace.path}: the theorem needs alpha <= sqrt(epsilon) / (16 L)")
    v_hat, u_half = (before_and_after(run.vectors(name), epsilon) for name in ("v_hat", "u_half"))
    u = np.maximum(u_half[1:] + v_hat[:-1] - v_hat[1:], epsilon)  # u_{t,i} = max(u~_{t,i}, epsilon)
    f = run.vectors("full_gradient")[:-1, 0]  # grad f(X_t)
    left = running_sum((f**2 / np.sqrt(u.mean(axis=1))).sum(axis=1)) / run.t
    n, d = v_hat.shape[1:]
    G = max(run.largest("gradient"), float(np.abs(f).max()))
    right = 4 / (run.t * alpha) * run.gap
    right += 6 * alpha**2 * d * (ratio**2 + 1 / (1 - lam) ** 2) * L * G**2 / epsilon**1.5
    right += 16 * alpha**3 * d * L**2 / (1 - lam) * G**2 / epsilon**2
    c4 = 2 / epsilon**1.5 / (1 - lam) * (lam + ratio) * G**2
    c5 = 2 / epsilon**2 / (1 - lam) * L * G**2 * (ratio**2 + 2 * lam)
    return left, right + (c4 + alpha * c5) / (run.t * math.sqrt(n)) * changes


def theorem_2(run: Run) -> Sides:
    v_hat = before_and_after(run.vectors("v_hat"), run.number("algorithm.epsilon"))[:-1]
    changes = np.abs(np.diff(v_hat, axis=0, prepend=v_hat[:1])).sum(axis=(1, 2))
    return adaptive_gradient_bound(run, running_sum(changes))


def theorem_3(run: Run) -> Sides:
    """The same with the bound of AMSGrad on the changes, which never fall: N d G^2."""
    n, d = run.vectors("v_hat").shape[1:]
    return adaptive_gradient_bound(run, np.full(len(run.t), n * d * run.largest("gradient") ** 2))


# --- Y. Wang, L. Lin, J. Chen, AISTATS 2022: CD-Adam ---


def markov_error(run: Run) -> Sides:
    """(5.1), with the gamma for which its right side is least: the error of g^ after a message, for each worker."""
    g, g_hat = run.workers("gradient")[1:], before_and_after(run.workers("g_hat"))
    error, moved = norms(g_hat[1:] - g), norms(np.diff(g, axis=0, prepend=math.nan))  # nothing is before g_1
    before = np.roll(error, 1, axis=0)
    return np.where(np.isnan(moved), math.nan, error**2), run.contraction * (before + moved) ** 2


def amplified(run: Run, norm: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float, float]:
    """G, G^ and G~ of Lemma B.2, in a norm."""
    s = math.sqrt(run.contraction)
    G, factor = float(norm(run.workers("gradient")[1:]).max()), (1 + s) / (1 - s)
    return G, factor * G, factor**2 * G


def bounded_vectors(run: Run) -> Sides:
    """Lemma B.2: |grad f| <= G, |g^_t| <= G^, |g~_t| <= G~, |v_t| <= G~^2, |m_t| <= G~."""
    G, G_hat, G_tilde = amplified(run, norms)
    g_hat, g_tilde, m, v = (run.workers(name)[1:] for name in ("g_hat", "g_tilde", "m", "v"))
    lefts = [run.vectors("full_gradient")[:-1, 0], g_hat.mean(axis=1), g_tilde[:, 0], v[:, 0], m[:, 0]]
    left = np.stack([norms(vector) for vector in lefts], axis=1)
    return left, np.broadcast_to([G, G_hat, G_tilde, G_tilde**2, G_tilde], left.shape)


def step_bound(run: Run) -> float:
    """L G~ alpha sqrt(d) nu^(-1/2)."""
    d = run.workers("gradient").shape[-1]
    alpha, nu = run.number("algorithm.step_size"), run.number("algorithm.nu")
    return run.smoothness * amplified(run, norms)[2] * alpha * math.sqrt(d / nu)


def worker_error(run: Run) -> Sides:
    """Lemma B.5: |g^_t - g_t| <= sqrt(pi) / (1 - sqrt(pi)) L G~ alpha sqrt(d) nu^(-1/2), with full batches."""
    s = math.sqrt(run.contraction)
    left = norms((run.workers("g_hat") - run.workers("gradient"))[1:].mean(axis=1))
    return left, np.full_like(left, s / (1 - s) * step_bound(run))


def server_error(run: Run) -> Sides:
    """Lemma B.6: |g~_t - g^_t| <= sqrt(pi) (1 + sqrt(pi)) / (1 - sqrt(pi))^2 L G~ alpha sqrt(d) nu^(-1/2)."""
    s = math.sqrt(run.contraction)
    left = norms(run.workers("g_tilde")[1:, 0] - run.workers("g_hat")[1:].mean(axis=1))
    return left, np.full_like(left, s * (1 + s) / (1 - s) ** 2 * step_bound(run))


def stationary(run: Run) -> Sides:
    """Theorem 6.4, as (B.22): (1/T) sum_t |grad f(x_t)|^2 <= M_1 / (T alpha) + M_2 / T + alpha M_3, full batches."""
    L, s, nu = run.smoothness, math.sqrt(run.contraction), run.number("algorithm.nu")
    alpha, beta = run.number("algorithm.step_size"), run.number("algorithm.beta1")
    G, _, G_tilde = amplified(run, norms)
    largest = amplified(run, lambda vectors: np.abs(vectors).max(axis=-1))[2]
    C, C1 = 2 * math.sqrt(largest**2 + nu), 2 * L + 3 * L * (beta / (1 - beta)) ** 2
    if alpha > nu / (4 * C * C1):
        raise NotMeasured(f"{run.trace.path}: the theorem needs alpha <= nu / (4 C C_1) = {nu / (4 * C * C1):.2g}")
    f = run.vectors("full_gradient")[:-1, 0]
    M2 = C * G * G_tilde / ((1 - beta) * math.sqrt(nu))
    M3 = 32 * C * C1 * G_tilde**2 / nu
    M3 += 2 * s * C * L * G * G_tilde * math.sqrt(f.shape[1]) / (nu * (1 - s) ** 2)
    left = running_sum(norms(f) ** 2) / run.t
    return left, C * run.gap / (run.t * alpha) + M2 / run.t + alpha * M3


# --- "Sparsified Distributed Adaptive Learning with Error Feedback" (SPARS-AMS) ---


def sparsified(run: Run) -> tuple[np.ndarray, np.ndarray, float]:
    """g_{t,i}, g~_{t,i}, and q with |TopK(x) - x| <= q |x|."""
    if run.trace.parameter("algorithm.error_feedback") != "true":
        raise NotMeasured(f"{run.trace.path}: without error_feedback its messages cannot be told from 'e'")
    g, e = run.workers("gradient")[1:], before_and_after(run.workers("e"))
    k = run.number("algorithm.compressor.k")
    return g, g + e[:-1] - e[1:], math.sqrt(1 - k / g.shape[-1])


def bounded_quantization(run: Run) -> Sides:
    """Assumption 4: |g_{t,i} - g~_{t,i}| <= q |g_{t,i}|, for each worker."""
    g, sent, q = sparsified(run)
    return norms(g - sent), q * norms(g)


def bounded_mean(run: Run) -> Sides:
    """Equation (6): |g_t|^2 <= (q^2 + 1) G^2, where G^2 is the mean of the workers' largest |g_{t,i}|^2."""
    g, sent, q = sparsified(run)
    left = norms(sent.mean(axis=1)) ** 2
    return left, np.full_like(left, (q**2 + 1) * (norms(g).max(axis=0) ** 2).mean())


# --- K. Xu et al. 2022: quantized AdaGrad. Full batches, so f_t = f. ---


@dataclass(frozen=True)
class Adagrad:
    """A run on quadratics, with its solution x*."""

    x: np.ndarray  # [t, d]: x_1, ..., x_{T+1}
    H: np.ndarray  # [t, d]: H_0, ..., H_T
    q: np.ndarray  # [t, d]: |q_1|, ..., |q_T|
    solution: np.ndarray
    regret: np.ndarray  # [t]: F(x_t) - F(x*) for t = 1, ..., T + 1
    eta: float
    delta: float

    @staticmethod
    def of(run: Run) -> Adagrad:
        a, delta = run.quadratic(), run.number("algorithm.delta")
        weight, mean = run.number("algorithm.lambda"), a.mean(axis=0)
        x, H = run.workers("x")[:, 0], before_and_after(run.workers("H")[:, 0], delta)
        solution = np.sign(mean) * np.maximum(np.abs(mean) - weight, 0)

        def objective(points: np.ndarray) -> np.ndarray:
            losses = (norms(points[..., None, :] - a) ** 2).mean(axis=-1) / 2
            return losses + weight * np.abs(points).sum(axis=-1)

        q = np.sqrt(np.maximum(np.diff((H - delta) ** 2, axis=0), 0))
        regret = objective(x) - objective(solution)
        return Adagrad(x, H, q, solution, regret, run.number("algorithm.step_size"), delta)

    def bregman(self, H: np.ndarray, x: np.ndarray) -> np.ndarray:
        """B_psi(x*, x), where psi(x) = x^T H x / 2."""
        return (H * (self.solution - x) ** 2).sum(axis=-1) / 2

    @property
    def lengths(self) -> np.ndarray:
        """[t, d]: |q_{1:t,i}|_2."""
        return self.H[1:] - self.delta


def sum_of_dual_norms(run: Run) -> Sides:
    """Lemma 4.1: (1/2) sum_t <q_t, q_t / H_t> <= sum_i |q_{1:T,i}|."""
    a = Adagrad.of(run)
    return running_sum((a.q**2 / a.H[1:]).sum(axis=1)) / 2, a.lengths.sum(axis=1)


def sum_of_earlier_dual_norms(run: Run) -> Sides:
    """Lemma 4.2: (1/2) sum_t <q_t, eta / (2 H_{t-1}) q_t> <= sum_i |q_{1:T,i}|, if delta >= max_t |q_t|_inf."""
    a = Adagrad.of(run)
    if a.delta < a.q.max():
        raise NotMeasured(f"{run.trace.path}: the lemma needs delta >= {a.q.max():.4g}, the largest |q_t|_inf")
    return running_sum((a.q**2 * a.eta / (2 * a.H[:-1])).sum(axis=1)) / 2, a.lengths.sum(axis=1)


def proposition_3_1(run: Run) -> Sides:
    a = Adagrad.of(run)
    drift = np.append(0, (a.bregman(a.H[2:], a.x[1:-1]) - a.bregman(a.H[1:-1], a.x[1:-1])))
    right = running_sum((a.q**2 / a.H[1:]).sum(axis=1)) / 2
    return running_sum(a.regret[1:]), right + (a.bregman(a.H[1], a.x[0]) + running_sum(drift)) / a.eta


def proposition_3_2(run: Run) -> Sides:
    a = Adagrad.of(run)
    dual = running_sum((a.q**2 * a.eta / (2 * a.H[:-1])).sum(axis=1))
    return running_sum(a.regret[1:]), a.bregman(a.H[1:], 0) / a.eta + a.eta / 2 * dual


def theorem_4_3(run: Run) -> Sides:
    a, root = Adagrad.of(run), np.sqrt(run.t)
    d, G = a.x.shape[1], a.lengths.max(axis=1)
    D = np.maximum.accumulate(np.abs(a.solution - a.x[:-1]).max(axis=1))
    return running_sum(a.regret[1:]) / run.t, d * G / root + d * G * D / (2 * a.eta * root)


def theorem_4_4(run: Run) -> Sides:
    a, root = Adagrad.of(run), np.sqrt(run.t)
    d, G, largest = a.x.shape[1], a.lengths.max(axis=1), np.abs(a.solution).max()
    right = a.delta * norms(a.solution) ** 2 / (a.eta * run.t)
    return running_sum(a.regret[:-1]) / run.t, right + (largest**2 / a.eta + a.eta**2 / 2) * d * G / root


DECENTRALIZED, CD_ADAM = "Chen et al. 2021", "Wang et al. 2022"
SPARS_AMS, QUANTIZED = "SPARS-AMS", "Xu et al. 2022"
AVERAGED_RATES = ("decentralized_amsgrad", "decentralized_adam", "decentralized_adagrad")  # Algorithm 2
MIRROR_DESCENT, DUAL_AVERAGING = ("qcmd_adagrad", "cmd_adagrad"), ("qrda_adagrad", "rda_adagrad")
ADAGRAD = MIRROR_DESCENT + DUAL_AVERAGING
STATEMENTS = {
    "averaging": Statement("what W alone leaves of distances", averaging, names=("averaging alone", "the nodes")),
    "momentum_distance": Statement(f"{DECENTRALIZED}, Equation (14)", momentum_distance, AVERAGED_RATES),
    "distance_of_nodes": Statement(f"{DECENTRALIZED}, Equation (15)", distance_of_nodes, AVERAGED_RATES),
    "theorem_2": Statement(f"{DECENTRALIZED}, Theorem 2", theorem_2, AVERAGED_RATES),
    "theorem_3": Statement(f"{DECENTRALIZED}, Theorem 3", theorem_3, ("decentralized_amsgrad",)),
    "markov_error": Statement(f"{CD_ADAM}, Equation (5.1)", markov_error, ("cd_adam",)),
    "bounded_vectors": Statement(f"{CD_ADAM}, Lemma B.2", bounded_vectors, ("cd_adam",)),
    "worker_error": Statement(f"{CD_ADAM}, Lemma B.5", worker_error, ("cd_adam",)),
    "server_error": Statement(f"{CD_ADAM}, Lemma B.6", server_error, ("cd_adam",)),
    "stationary": Statement(f"{CD_ADAM}, Theorem 6.4", stationary, ("cd_adam",)),
    "bounded_quantization": Statement(f"{SPARS_AMS}, Assumption 4", bounded_quantization, ("sparse_ams",)),
    "bounded_mean": Statement(f"{SPARS_AMS}, Equation (6)", bounded_mean, ("sparse_ams",)),
    "lemma_4_1": Statement(f"{QUANTIZED}, Lemma 4.1", sum_of_dual_norms, ADAGRAD),
    "lemma_4_2": Statement(f"{QUANTIZED}, Lemma 4.2", sum_of_earlier_dual_norms, ADAGRAD),
    "proposition_3_1": Statement(f"{QUANTIZED}, Proposition 3.1", proposition_3_1, MIRROR_DESCENT),
    "proposition_3_2": Statement(f"{QUANTIZED}, Proposition 3.2", proposition_3_2, DUAL_AVERAGING),
    "theorem_4_3": Statement(f"{QUANTIZED}, Theorem 4.3", theorem_4_3, MIRROR_DESCENT),
    "theorem_4_4": Statement(f"{QUANTIZED}, Theorem 4.4", theorem_4_4, DUAL_AVERAGING),
}


# --- for claims and figures ---


@lru_cache(maxsize=4)  # as left() and right() of one claim follow each other
def sides(trace: Trace, statement: str) -> Sides:
    """Both sides, [iteration, ...]; what is compared for several vectors or workers has another axis."""
    if len(trace.metric("iteration")) < 2:
        raise NotMeasured(f"{trace.path}: has no iteration that theory could speak of")
    known, kind = STATEMENTS[statement].algorithms, trace.parameter("algorithm.kind")
    if known and kind not in known:
        raise NotMeasured(f"{trace.path}: '{statement}' speaks of {' and '.join(known)}, not of {kind}")
    left, right = STATEMENTS[statement].sides(Run(trace))
    if np.isnan(left).all():
        raise NotMeasured(f"{trace.path}: '{statement}' says nothing of so few iterations")
    return left, np.broadcast_to(right, left.shape)


def left(trace: Trace, statement: str) -> float:
    """The left side where it is largest beside the right."""
    return _tightest(trace, statement)[0]


def right(trace: Trace, statement: str) -> float:
    return _tightest(trace, statement)[1]


def share(trace: Trace, statement: str) -> float:
    """In how much of the iterations (and workers) the statement holds, from 0 to 1."""
    left, right = sides(trace, statement)
    return float((left <= right)[~np.isnan(left)].mean())


def _tightest(trace: Trace, statement: str) -> tuple[float, float]:
    left, right = sides(trace, statement)
    tightness = np.where(np.isnan(left), -math.inf, left / np.maximum(right, np.finfo(float).tiny))
    place = np.unravel_index(np.argmax(tightness), left.shape)
    return float(left[place]), float(right[place])


def runs_of_sides(runs: Runs, statement: str) -> Runs:
    """For each run one with the left side as a metric, named as the statement, and one with the right side."""
    both = []
    for trace in runs:
        for name, side in zip(STATEMENTS[statement].names, sides(trace, statement)):
            column = np.append(math.nan, side.reshape(len(side), -1).max(axis=1))  # row 0 is before the first iteration
            metrics, meanings = trace.metrics | {statement: column}, trace.meanings | {statement: Meaning()}
            both.append(replace(trace, metrics=metrics, meanings=meanings, sizes={**trace.sizes, "bound.kind": name}))
    return Runs(both)
