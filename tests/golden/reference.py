#!/usr/bin/python3
"""Reference trajectories: each algorithm as its paper lists it, in NumPy, on a problem small enough to read.

    reference.py           writes logistic.json and counterexample.json beside itself
    reference.py --check   exit code 1 where these files are not what it computes

It shares nothing with the program, so that a mistake has to be made twice to go unnoticed. Written for reading, not for
speed: x, g, m, ... have a row for each node, and what travels is what the receiver decodes, without any bits.

What they have in common: a real number that travels is rounded to the wire; what a node does not send, its own x among
it, stays exact; moments start at zero and have no bias correction; t = 1, 2, ...
"""

import argparse
import heapq
import inspect
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray
Iterates = Iterator[Array]  # x after each iteration: a row for each node, or the one that all agree on
Compressor = Callable[[Array], Array]  # x to decode(encode(x)), of a vector or of each row
Schedule = Callable[[int], float]  # t to the step size
Weights = Callable[[int], Array]  # t to W_t

FOLDER = Path(__file__).resolve().parent
ITERATIONS = 20


# ---- Problems. f is the mean of the nodes' f_i; gradients(x) has the row grad f_i(x_i), or grad f_i(x) of one x for all.


class NonconvexLogistic:
    """f_i(x) = mean over the rows (a, y) of node i of log(1 + exp(-y a'x)), plus lam sum_j x_j^2 / (1 + x_j^2)."""

    def __init__(self, features: Array, labels: Array, nodes: int, lam: float, x0: Array):
        self.a = features.reshape(nodes, -1, len(x0))  # as many rows each, in the order of the file
        self.y = labels.reshape(nodes, -1)
        self.lam, self.x0, self.nodes = lam, x0, nodes

    def gradients(self, x: Array) -> Array:
        margins = self.margins(x)
        slopes = -self.y / (1 + np.exp(margins)) / self.y.shape[1]
        return np.einsum("ir,irj->ij", slopes, self.a) + 2 * self.lam * x / (1 + x**2) ** 2

    def loss(self, x: Array) -> float:
        return np.logaddexp(0, -self.margins(x)).mean() + self.lam * (x**2 / (1 + x**2)).sum()

    def margins(self, x: Array) -> Array:
        return self.y * np.einsum("irj,ij->ir", self.a, np.broadcast_to(x, (self.nodes, x.shape[-1])))


class Quadratic:
    """f_i(x) = |x - a_i|^2 / 2, from zero."""

    def __init__(self, targets: Array):
        self.a = targets
        self.x0, self.nodes = np.zeros(targets.shape[1]), len(targets)

    def gradients(self, x: Array) -> Array:
        return x - self.a


class WithWeightDecay:
    """The same problem for an optimizer that adds a multiple of x to every gradient, as most libraries' do."""

    def __init__(self, problem: NonconvexLogistic, decay: float):
        self.problem, self.decay = problem, decay
        self.x0, self.nodes = problem.x0, problem.nodes

    def gradients(self, x: Array) -> Array:
        return self.problem.gradients(x) + self.decay * x


Problem = NonconvexLogistic | Quadratic | WithWeightDecay


def at_every_node(problem: Problem) -> Array:
    return np.tile(problem.x0, (problem.nodes, 1))


# ---- What travels.


class Wire:
    """Rounds to the precision at which real numbers travel."""

    def __init__(self, name: str):
        self.precision = np.dtype(name)
        self.bits = 8 * self.precision.itemsize

    def __call__(self, x: Array) -> Array:
        return np.asarray(x).astype(self.precision).astype(float)


def sign(x: Array) -> Array:
    """With sign(0) = +1, so that a bit holds it."""
    return np.where(x < 0, -1.0, 1.0)


def scaled_sign(x: Array, wire: Wire) -> Array:
    return wire(np.abs(x).mean()) * sign(x)


def top_k(x: Array, wire: Wire, k: int) -> Array:
    """The k largest magnitudes as they are on the wire; of equal ones the first."""
    sent = wire(x)
    kept = np.argsort(-np.abs(sent), kind="stable")[:k]
    c = np.zeros_like(x)
    c[kept] = sent[kept]
    return c


def threshold(x: Array, wire: Wire, optimal: bool = False) -> Array:
    """+-s where |x_j| > Delta, else 0, with s the mean of these |x_j| [Xu, Wangni, Zhang, Ye, Wu, Zhao 2022, Section 3.5].

    Delta is 0.75 mean |x|, or the one with the least error |C(x) - x|^2 = |x|^2 - (sum_I |x_j|)^2 / |I|, I being what is
    kept: the largest few.
    """
    magnitudes = np.abs(x)
    if not magnitudes.any():
        return np.zeros_like(x)
    kept = magnitudes > 0.75 * magnitudes.mean()
    if optimal:
        largest_first = np.argsort(-magnitudes, kind="stable")
        sums = np.cumsum(magnitudes[largest_first])
        count = 1 + np.argmax(sums**2 / np.arange(1, x.size + 1))
        kept = np.isin(np.arange(x.size), largest_first[:count])
    return np.where(kept, wire(magnitudes[kept].mean()) * np.sign(x), 0)


COMPRESSORS = {"scaled_sign": scaled_sign, "top_k": top_k, "threshold": threshold, "identity": lambda x, wire: wire(x)}


def compressor(scenario: str | dict[str, Any], wire: Wire) -> Compressor:
    settings = {"kind": scenario} if isinstance(scenario, str) else dict(scenario)
    compress = partial(COMPRESSORS[settings.pop("kind")], wire=wire, **settings)
    return lambda x: np.apply_along_axis(compress, -1, x)


# ---- Decentralized. Neighbours send before they compute.


def weights(topology: str, nodes: int) -> Weights:
    """t to W_t: every node splits what it has equally among itself and those it sends to.

    Only on the path do the rows of W not sum to 1, as the columns do.
    """

    def sent(*offsets: int) -> Array:
        """Node i sends to i + s mod n, for each of these s."""
        return sum(np.roll(np.eye(nodes), s, axis=0) for s in (0, *offsets)) > 0

    path = np.eye(nodes) + np.eye(nodes, k=1) + np.eye(nodes, k=-1) > 0
    powers = [2**k for k in range(nodes) if 2**k < nodes]
    hears = {  # [i, j]: in each iteration of a period, whether i hears j, or is j
        "ring": [sent(1, -1)],
        "path": [path],
        "directed_exponential": [sent(*powers)],
        "one_peer_exponential": [sent(power) for power in powers],
    }[topology]
    sequence = [linked / linked.sum(axis=0) for linked in hears]
    return lambda t: sequence[(t - 1) % len(sequence)]


def mix(x: Array, wire: Wire, W: Array) -> Array:
    """sum_j W_ij x_j, the neighbours' rounded to the wire, the own exact."""
    own = np.diag(np.diag(W))
    return own @ x + (W - own) @ wire(x)


def dgd(problem: Problem, wire: Wire, W: Weights, step_size: Schedule) -> Iterates:
    """Decentralized gradient descent, D-PSGD [Lian et al. 2017]."""
    x = at_every_node(problem)
    for t in itertools.count(1):
        x = mix(x, wire, W(t)) - step_size(t) * problem.gradients(x)
        yield x


def dadam(problem: Problem, wire: Wire, W: Weights, step_size: Schedule, beta1: float, beta2: float, beta3: float,
          epsilon: float) -> Iterates:
    """DADAM [Nazari, Tarzanagh, Michailidis 2019], as in Chen, Karimi, Zhao, Li 2021, Algorithm 1."""
    x = at_every_node(problem)
    m, v = np.zeros_like(x), np.zeros_like(x)
    v_hat = np.full_like(x, epsilon)
    for t in itertools.count(1):
        g = problem.gradients(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = beta3 * v_hat + (1 - beta3) * np.maximum(v_hat, v)
        x = mix(x, wire, W(t)) - step_size(t) * m / np.sqrt(v_hat)
        yield x


def decentralized_adaptive(problem: Problem, wire: Wire, W: Weights, rule: str, step_size: Schedule, beta1: float,
                           beta2: float, epsilon: float) -> Iterates:
    """Decentralized AMSGrad, Adam and AdaGrad [Chen, Karimi, Zhao, Li 2021, Algorithms 2 and 3]."""
    x = at_every_node(problem)
    m, v, squares = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    v_hat, u_half = np.full_like(x, epsilon), np.full_like(x, epsilon)
    for t in itertools.count(1):
        g = problem.gradients(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        squares += g**2
        before = v_hat
        v_hat = {"amsgrad": np.maximum(v_hat, v), "adam": v, "adagrad": squares / t}[rule]
        u_tilde = mix(u_half, wire, W(t))
        u = np.maximum(u_tilde, epsilon)
        x = mix(x, wire, W(t)) - step_size(t) * m / np.sqrt(u)
        u_half = u_tilde - before + v_hat
        yield x


def choco_sgd(problem: Problem, wire: Wire, W: Weights, step_size: Schedule, consensus_step: float,
              C: Compressor) -> Iterates:
    """CHOCO-SGD [Koloskova, Stich, Jaggi 2019, Algorithm 2]; x_hat is what everybody knows of x."""
    x = at_every_node(problem)
    x_hat = np.zeros_like(x)
    for t in itertools.count(1):
        x_half = x - step_size(t) * problem.gradients(x)
        x_hat = x_hat + C(x_half - x_hat)
        x = x_half + consensus_step * (W(t) @ x_hat - x_hat)
        yield x


def gradient_tracking(problem: Problem, wire: Wire, W: Weights, step_size: Schedule) -> Iterates:
    """Gradient tracking, as DIGing [Nedic, Olshevsky, Shi 2017]; y follows the mean of the gradients."""
    x = at_every_node(problem)
    y, before = np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        g = problem.gradients(x)
        y = mix(y, wire, W(t)) + g - before
        x = mix(x, wire, W(t)) - step_size(t) * y
        before = g
        yield x


def gradient_push(problem: Problem, wire: Wire, W: Weights, step_size: Schedule) -> Iterates:
    """Stochastic gradient push [Assran, Loizou, Ballas, Rabbat 2019, Algorithm 1]; z = x / w, w being push-sum's weights."""
    x, w = at_every_node(problem), np.ones((problem.nodes, 1))
    for t in itertools.count(1):
        z = x / w
        x = mix(x - step_size(t) * problem.gradients(z), wire, W(t))
        w = mix(w, wire, W(t))
        yield x / w


# ---- Decentralized, without rounds: event by event.

GRADIENT, LATENCY, NANOSECONDS_A_BIT = 5_000_000, 1_000_000, 1_000  # 5 ms, 1 ms, 1 Mbit/s
MASK, GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15


def split_mix(state: int) -> int:
    """SplitMix64 [Steele, Lea, Flood 2014]: what it gives from this state; each call adds GOLDEN to the state."""
    z = (state + GOLDEN) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


class Stream:
    """xoshiro256++ [Blackman, Vigna 2021], seeded by a hash of the scenario's seed, the node and the purpose."""

    def __init__(self, seed: int, node: int, purpose: str):
        state = split_mix(split_mix(seed) ^ node)
        for character in purpose.encode():
            state = split_mix(state ^ character)
        self.s = [split_mix((state + k * GOLDEN) & MASK) for k in range(4)]

    def next(self) -> int:
        def rotate(x: int, k: int) -> int:
            return (x << k | x >> 64 - k) & MASK

        s = self.s
        result = (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        shifted = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)
        return result

    def below(self, bound: int) -> int:
        """Uniform in 0, ..., bound - 1 [Lemire 2019]."""
        while True:
            product = self.next() * bound
            if product & MASK >= 2**64 % bound:
                return product >> 64


class Events:
    """What is to happen, by time in nanoseconds; at one instant, what was scheduled first is first."""

    def __init__(self):
        self.queue, self.order = [], itertools.count()

    def add(self, time: int, *event: Any) -> None:
        heapq.heappush(self.queue, (time, next(self.order), event))

    def __iter__(self) -> Iterator[tuple[int, tuple]]:
        while True:
            time, _, event = heapq.heappop(self.queue)
            yield time, event


def ad_psgd(problem: Problem, wire: Wire, step_size: Schedule, factors: list[float], neighbors: list[list[int]],
            local_steps: int = 1) -> Iterator[tuple[int, Array]]:
    """AD-PSGD [Lian, Zhang, Zhang, Liu 2018, Algorithm 1] by messages; the time and x after every n iterations of all nodes.

    At the beginning of an iteration node i sends x_i to a neighbour j, unless an answer to it is under way, and begins to
    compute. j answers with its x_j. Both add half of the difference of what was sent. Who is sent x_j while it awaits
    an answer of j takes it for that.
    """
    n, x, events = problem.nodes, at_every_node(problem), Events()
    draws = [Stream(1, i, "neighbor") for i in range(n)]
    asked: list[int | None] = [None] * n
    asked_with, free = wire(x), dict.fromkeys(itertools.permutations(range(n), 2), 0)
    steps = np.zeros(n, int)

    def send(now: int, i: int, j: int) -> Array:
        free[i, j] = max(now, free[i, j]) + wire.bits * x.shape[1] * NANOSECONDS_A_BIT
        events.add(free[i, j] + LATENCY, "message", i, j, wire(x[i]))
        return wire(x[i])

    def go_on(now: int, i: int) -> None:
        if steps[i] % local_steps == 0 and asked[i] is None:
            asked[i] = neighbors[i][draws[i].below(len(neighbors[i]))]
            asked_with[i] = send(now, i, asked[i])
        events.add(now + round(GRADIENT * factors[i]), "gradient", i, problem.gradients(x)[i])

    for i in range(n):
        go_on(0, i)
    for now, (kind, *of) in events:
        if kind == "message":
            i, j, theirs = of
            mine = asked_with[j].copy() if asked[j] == i else send(now, j, i)
            asked[j] = None if asked[j] == i else asked[j]
            x[j] += (theirs - mine) / 2
            continue
        i, g = of
        x[i] -= step_size(steps[i] // local_steps + 1) * g
        steps[i] += 1
        if steps[i] % local_steps == 0 and (steps // local_steps).sum() % n == 0:
            yield now, x.copy()
        go_on(now, i)


class PatientNodes:
    """Nodes that wait for the first `wait_for` of their neighbours, or for `wait_at_most` ns; each in its own round t.

    What they send and compute is a subclass's. Who has sent a message of a later round has come as far, though it was
    silent in this one. A message of an earlier round is late: it is left out or, with `adds_late`, received with the others. A node that has
    heard of a later round than the one that it would begin joins the next after that.
    """

    adds_late = False

    def __init__(self, problem: Problem, wire: Wire, W: Weights, step_size: Schedule, factors: list[float],
                 neighbors: list[list[int]], wait_for: float = np.inf, wait_at_most: int | None = None):
        self.problem, self.wire, self.W, self.step_size = problem, wire, W, step_size
        self.factors, self.neighbors, self.wait_for, self.wait_at_most = factors, neighbors, wait_for, wait_at_most
        self.t = np.zeros(problem.nodes, int)
        self.events, self.gathers = Events(), itertools.count()
        self.waits = [None] * problem.nodes  # in which of the gathers
        self.came = {(i, j): [] for i in range(problem.nodes) for j in neighbors[i]}  # (round, message) of j at i
        self.free = dict.fromkeys(itertools.permutations(range(problem.nodes), 2), 0)
        self.start()

    def send(self, now: int, i: int, message: Array, bits: int) -> None:
        for j in self.neighbors[i]:
            self.free[i, j] = max(now, self.free[i, j]) + bits * NANOSECONDS_A_BIT
            self.events.add(self.free[i, j] + LATENCY, "message", j, i, self.t[i], message)

    def begin(self, now: int, i: int) -> None:
        newest = max(self.came[i, j][-1][0] if self.came[i, j] else 0 for j in self.neighbors[i])
        self.t[i] += 1
        if newest > self.t[i]:
            self.t[i] = newest + 1
        g = self.gradient(now, i)
        self.events.add(now + round(GRADIENT * self.factors[i]), "gradient", i, g)

    def has_enough(self, i: int) -> bool:
        come_as_far = sum(any(t >= self.t[i] for t, _ in self.came[i, j]) for j in self.neighbors[i])
        return come_as_far >= min(self.wait_for, len(self.neighbors[i]))

    def end(self, i: int) -> None:
        self.waits[i] = None
        received = []
        for j in self.neighbors[i]:
            of_j = self.came[i, j]
            while of_j and of_j[0][0] <= self.t[i]:
                t, message = of_j.pop(0)
                if self.adds_late or t == self.t[i]:
                    received.append((j, message))
        self.step(i, self.W(self.t[i])[i], received)

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """The time and x after every n iterations of all nodes."""
        ended = 0
        for i in range(self.problem.nodes):
            self.begin(0, i)
        for now, (kind, i, *of) in self.events:
            is_over = False
            if kind == "message":
                j, t, message = of
                self.came[i, j].append((t, message))
                is_over = self.waits[i] is not None and self.has_enough(i)
            elif kind == "gradient":
                self.computed(now, i, *of)
                is_over = self.has_enough(i)
                if not is_over:
                    self.waits[i] = next(self.gathers)
                    if self.wait_at_most is not None:
                        self.events.add(now + self.wait_at_most, "patience", i, self.waits[i])
            else:
                is_over = self.waits[i] == of[0]
            if is_over:
                self.end(i)
                ended += 1
                if ended % self.problem.nodes == 0:
                    yield now, self.x.copy()
                self.begin(now, i)


class PatientDgd(PatientNodes):
    """DGD; a silent neighbour's weight is that of the node's own x."""

    def start(self) -> None:
        self.x, self.g = at_every_node(self.problem), at_every_node(self.problem)

    def gradient(self, now: int, i: int) -> Array:
        self.send(now, i, self.wire(self.x[i]), self.wire.bits * self.x.shape[1])
        return self.problem.gradients(self.x)[i]

    def computed(self, now: int, i: int, g: Array) -> None:
        self.g[i] = g

    def step(self, i: int, w: Array, received: list[tuple[int, Array]]) -> None:
        heard = sum(w[j] for j, _ in received)
        mixed = (1 - heard) * self.x[i] + sum(w[j] * x_j for j, x_j in received)
        self.x[i] = mixed - self.step_size(self.t[i]) * self.g[i]


class PatientChoco(PatientNodes):
    """CHOCO-SGD with the scaled sign; node i's copies of x_hat_j are [i, j], and j's last known one while it is silent."""

    adds_late = True

    def __init__(self, *of: Any, consensus_step: float, C: Compressor, **more: Any):
        self.consensus_step, self.C = consensus_step, C
        super().__init__(*of, **more)

    def start(self) -> None:
        self.x = at_every_node(self.problem)
        n, d = self.x.shape
        self.x_half, self.x_hat = self.x.copy(), np.zeros((n, n, d))

    def gradient(self, now: int, i: int) -> Array:
        return self.problem.gradients(self.x)[i]

    def computed(self, now: int, i: int, g: Array) -> None:
        self.x_half[i] = self.x[i] - self.step_size(self.t[i]) * g
        q = self.C(self.x_half[i] - self.x_hat[i, i])
        self.x_hat[i, i] += q
        self.send(now, i, q, -(-(self.wire.bits + q.size) // 8) * 8)  # in whole bytes

    def step(self, i: int, w: Array, received: list[tuple[int, Array]]) -> None:
        for j, q in received:
            self.x_hat[i, j] += q
        self.x[i] = self.x_half[i] + self.consensus_step * (w @ self.x_hat[i] - self.x_hat[i, i])


class PatientPush(PatientNodes):
    """Gradient push; what comes late is added then."""

    adds_late = True

    def start(self) -> None:
        self.x = at_every_node(self.problem)  # z
        self.sums = np.hstack([self.x, np.ones((len(self.x), 1))])

    def gradient(self, now: int, i: int) -> Array:
        return self.problem.gradients(self.x)[i]

    def computed(self, now: int, i: int, g: Array) -> None:
        self.sums[i, :-1] -= self.step_size(self.t[i]) * g
        self.send(now, i, self.wire(self.sums[i]), self.wire.bits * self.sums.shape[1])

    def step(self, i: int, w: Array, received: list[tuple[int, Array]]) -> None:
        self.sums[i] = w[i] * self.sums[i] + sum(w[j] * sums_j for j, sums_j in received)
        self.x[i] = self.sums[i, :-1] / self.sums[i, -1]


# ---- With a server, which holds x and sends it, rounded, at the beginning of each round.


def sgd_ef(problem: Problem, wire: Wire, step_size: Schedule, C: Compressor, error_feedback: bool = True) -> Iterates:
    """SGD with error feedback [Stich, Cordonnier, Jaggi 2018; Karimireddy et al. 2019]; e holds parts of steps."""
    x = problem.x0
    e = np.zeros((problem.nodes, x.size))
    for t in itertools.count(1):
        g = problem.gradients(wire(x))
        if error_feedback:
            p = step_size(t) * g + e
            c = C(p)
            e = p - c
            x = x - c.mean(axis=0)
        else:
            x = x - step_size(t) * C(g).mean(axis=0)
        yield x


def sgd(problem: Problem, wire: Wire, step_size: Schedule) -> Iterates:
    return sgd_ef(problem, wire, step_size, C=wire, error_feedback=False)


def sparse_ams(problem: Problem, wire: Wire, step_size: Schedule, beta1: float, beta2: float, nu: float, C: Compressor,
               error_feedback: bool = True, both_ways: bool = False) -> Iterates:
    """SPARS-AMS [Li, Karimi, Li 2022, Algorithm 1]; both ways: the server compresses, and the workers hold x."""
    x = problem.x0
    e, e_server = np.zeros((problem.nodes, x.size)), np.zeros_like(x)
    m, v, v_hat = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        p = problem.gradients(x if both_ways else wire(x)) + e
        c = C(p)
        e = p - c if error_feedback else e
        g = c.mean(axis=0)
        if both_ways:
            p_server = g + e_server
            g = C(p_server)
            e_server = p_server - g if error_feedback else e_server
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = np.maximum(v_hat, v)
        x = x - step_size(t) * m / np.sqrt(v_hat + nu)
        yield x


def amsgrad(problem: Problem, wire: Wire, step_size: Schedule, beta1: float, beta2: float, nu: float) -> Iterates:
    """AMSGrad [Reddi, Kale, Kumar 2018] on the mean of the workers' gradients."""
    return sparse_ams(problem, wire, step_size, beta1, beta2, nu, C=wire, error_feedback=False)


def local_sgd(problem: Problem, wire: Wire, step_size: Schedule, local_steps: int, outer_step: float = 1,
              outer_momentum: float = 0, nesterov: bool = False, C: Compressor | None = None,
              error_feedback: bool = False) -> Iterates:
    """Local SGD, FedAvg [McMahan et al. 2017], everybody taking part; with a server's momentum [Hsu, Qi, Brown 2019]."""
    C = C or wire
    x = problem.x0
    u = np.zeros_like(x)
    e = np.zeros((problem.nodes, x.size))
    for t in itertools.count(1):
        received = wire(x)
        y = np.tile(received, (problem.nodes, 1))
        for _ in range(local_steps):
            y = y - step_size(t) * problem.gradients(y)
        p = received - y + e
        c = C(p)
        e = p - c if error_feedback else e
        delta = c.mean(axis=0)
        u = outer_momentum * u + delta
        x = x - outer_step * (delta + outer_momentum * u if nesterov else u)
        yield x


def arrivals(factors: list[float], size: int, buffer: int = 1) -> Iterator[tuple[int, list[int]]]:
    """(time, workers) of each update of a server that waits for so many gradients, in nanoseconds; in order of arrival.

    Worker i takes factors[i] times GRADIENT, and a message of so many bits LATENCY and its transmission. The server answers
    those workers at once. Of arrivals at one instant the first is whose worker was sent x first.
    """
    travel = LATENCY + size * NANOSECONDS_A_BIT
    order = itertools.count()
    coming = [(travel + round(GRADIENT * factor) + travel, next(order), i) for i, factor in enumerate(factors)]
    while True:
        arrived = [heapq.heappop(coming) for _ in range(buffer)]
        now = arrived[-1][0]
        yield now, [i for _, _, i in arrived]
        for _, _, i in arrived:
            heapq.heappush(coming, (now + travel + round(GRADIENT * factors[i]) + travel, next(order), i))


DELAY_ADAPTIVE: dict[str, Callable[[float, float], float]] = {
    "none": lambda tau, concurrency: 1,
    "inverse": lambda tau, concurrency: 1 if tau <= concurrency else 1 / tau,  # Koloskova, Stich, Jaggi 2022
    "drop": lambda tau, concurrency: 1 if tau <= concurrency else 0,  # there, too
    "inverse_sqrt": lambda tau, concurrency: (1 + tau) ** -0.5,  # Nguyen et al. 2022
}


def async_sgd(problem: Problem, wire: Wire, step_size: Schedule, factors: list[float], buffer: int = 1,
              delay_adaptive: str = "none") -> Iterates:
    """Asynchronous SGD: once `buffer` gradients are there, the server steps along their mean, and sends x to their workers.

    Each is weighted by its delay, the number of updates since its x was sent.
    """
    x = problem.x0
    received, sent = np.tile(wire(x), (problem.nodes, 1)), np.zeros(problem.nodes)
    weight = np.vectorize(DELAY_ADAPTIVE[delay_adaptive], otypes=[float])
    for k, (_, workers) in enumerate(arrivals(factors, wire.bits * x.size, buffer), 1):
        weights = weight(k - 1 - sent[workers], problem.nodes / buffer)
        x = x - step_size(k) * (weights @ wire(problem.gradients(received)[workers])) / buffer
        received[workers], sent[workers] = wire(x), k
        yield x


# ---- With a server that sends a mean, which all workers step along alike.


def signsgd(problem: Problem, wire: Wire, step_size: Schedule) -> Iterates:
    """signSGD with majority vote [Bernstein et al. 2018, Algorithm 1]."""
    x = problem.x0
    for t in itertools.count(1):
        votes = sign(problem.gradients(x))
        x = x - step_size(t) * sign(votes.sum(axis=0))
        yield x


def cd_adam(problem: Problem, wire: Wire, step_size: Schedule, beta1: float, beta2: float, nu: float,
            C: Compressor) -> Iterates:
    """CD-Adam [Wang, Lin, Chen 2022, Algorithm 1]; g_hat_i and g_tilde are what the other side knows."""
    x = problem.x0
    g_hat_i, g_hat, g_tilde = np.zeros((problem.nodes, x.size)), np.zeros_like(x), np.zeros_like(x)
    m, v, v_hat = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        c_i = C(problem.gradients(x) - g_hat_i)
        g_hat_i = g_hat_i + c_i
        g_hat = g_hat + c_i.mean(axis=0)
        g_tilde = g_tilde + C(g_hat - g_tilde)
        m = beta1 * m + (1 - beta1) * g_tilde
        v = beta2 * v + (1 - beta2) * g_tilde**2
        v_hat = np.maximum(v_hat, v)
        x = x - step_size(t) * m / np.sqrt(v_hat + nu)
        yield x


def ef21(problem: Problem, wire: Wire, step_size: Schedule, C: Compressor, bidirectional: bool = False) -> Iterates:
    """EF21 [Richtarik, Sokolov, Fatkhullin 2021, Algorithm 2]; both ways as in Wang, Lin, Chen 2022."""
    x = problem.x0
    g_hat_i, g_hat, g_tilde = np.zeros((problem.nodes, x.size)), np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        c_i = C(problem.gradients(x) - g_hat_i)
        g_hat_i = g_hat_i + c_i
        g_hat = g_hat + c_i.mean(axis=0)
        g_tilde = g_tilde + C(g_hat - g_tilde) if bidirectional else wire(g_hat)
        x = x - step_size(t) * g_tilde
        yield x


def onebit_adam(problem: Problem, wire: Wire, step_size: Schedule, beta1: float, beta2: float, nu: float, warmup: int,
                C: Compressor) -> Iterates:
    """1-bit Adam [Tang et al. 2021, Algorithm 1]: Adam for `warmup` iterations, then compressed momentum with v frozen."""
    x = problem.x0
    m, v = np.zeros_like(x), np.zeros_like(x)
    e_i, e = np.zeros((problem.nodes, x.size)), np.zeros_like(x)  # the workers' errors, and the server's
    for t in itertools.count(1):
        g_i = problem.gradients(x)
        if t <= warmup:
            g = wire(wire(g_i).mean(axis=0))
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
        else:
            p_i = beta1 * m + (1 - beta1) * g_i + e_i
            c_i = C(p_i)
            e_i = p_i - c_i
            p = c_i.mean(axis=0) + e
            m = C(p)
            e = p - m
        x = x - step_size(t) * m / np.sqrt(v + nu)
        yield x


def qadam(problem: Problem, wire: Wire, step_size: Schedule, beta1: float, beta2: float, nu: float,
          C: Compressor) -> Iterates:
    """Quantized Adam [Chen, Shen, Huang, Liu 2021, Algorithm 1]: each worker has moments of its own."""
    x = problem.x0
    m, v, e = (np.zeros((problem.nodes, x.size)) for _ in range(3))
    for t in itertools.count(1):
        g = problem.gradients(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        p = step_size(t) * m / np.sqrt(v + nu) + e
        c = C(p)
        e = p - c
        x = x - wire(c.mean(axis=0))
        yield x


# ---- Composite: f + lam |x|_1.


def soft(z: Array, threshold: Array | float) -> Array:
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0)


def prox_gd(problem: Problem, wire: Wire, step_size: Schedule, lam: float) -> Iterates:
    """Proximal gradient."""
    x = problem.x0
    for t in itertools.count(1):
        q = wire(wire(problem.gradients(x)).mean(axis=0))
        x = soft(x - step_size(t) * q, step_size(t) * lam)
        yield x


def composite_step(rule: str, x: Array, q: Array, Q: Array, rate: Array, lam: float, t: int) -> Array:
    """CMD: composite mirror descent; RDA: regularized dual averaging, Q the sum of the q. rate = eta / H."""
    if rule == "cmd":
        return soft(x - rate * q, lam * rate)
    return np.sign(-Q) * t * rate * np.maximum(np.abs(Q) / t - lam, 0)


def adagrad(problem: Problem, wire: Wire, rule: str, step_size: Schedule, lam: float, delta: float) -> Iterates:
    """CMD and RDA AdaGrad [Duchi, Hazan, Singer 2011]."""
    x = problem.x0
    Q, squares = np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        q = wire(wire(problem.gradients(x)).mean(axis=0))
        Q = Q + q
        squares = squares + q**2
        H = delta + np.sqrt(squares)
        x = composite_step(rule, x, q, Q, step_size(t) / H, lam, t)
        yield x


def quantized_adagrad(problem: Problem, wire: Wire, rule: str, step_size: Schedule, lam: float, delta: float, C: Compressor,
                      both_ways: bool = True) -> Iterates:
    """QCMD and QRDA AdaGrad [Xu, Wangni, Zhang, Ye, Wu, Zhao 2022, Algorithm 1].

    Gradients travel where x is not zero before or after a step along them.
    """
    x = problem.x0
    Q, squares = np.zeros_like(x), np.zeros_like(x)
    for t in itertools.count(1):
        g = problem.gradients(x)
        H_i = delta + np.sqrt(squares + g**2)
        trial = composite_step(rule, x, g, Q + g, step_size(t) / H_i, lam, t)
        selected = (x != 0) | (trial != 0)
        average = np.mean([compressed_on(selected_i, g_i, C) for selected_i, g_i in zip(selected, g)], axis=0)
        q = compressed_on(selected.any(axis=0), average, C) if both_ways else wire(average)
        Q = Q + q
        squares = squares + q**2
        H = delta + np.sqrt(squares)
        x = composite_step(rule, x, q, Q, step_size(t) / H, lam, t)
        yield x


def compressed_on(selected: Array, g: Array, C: Compressor) -> Array:
    """The selected coordinates, compressed as a vector of their own, and zero elsewhere."""
    q = np.zeros_like(g)
    if selected.any():
        q[selected] = C(g[selected])
    return q


# ---- The cases, as scenarios say them.

ALGORITHMS: dict[str, Callable[..., Iterates]] = {
    "dgd": dgd,
    "dadam": dadam,
    "decentralized_amsgrad": partial(decentralized_adaptive, rule="amsgrad"),
    "decentralized_adam": partial(decentralized_adaptive, rule="adam"),
    "decentralized_adagrad": partial(decentralized_adaptive, rule="adagrad"),
    "choco_sgd": choco_sgd,
    "gradient_tracking": gradient_tracking,
    "ad_psgd": ad_psgd,
    "gradient_push": gradient_push,
    "sgd": sgd,
    "sgd_ef": sgd_ef,
    "amsgrad": amsgrad,
    "sparse_ams": sparse_ams,
    "local_sgd": local_sgd,
    "async_sgd": async_sgd,
    "signsgd": signsgd,
    "cd_adam": cd_adam,
    "ef21": ef21,
    "onebit_adam": onebit_adam,
    "qadam": qadam,
    "prox_gd": prox_gd,
    "cmd_adagrad": partial(adagrad, rule="cmd"),
    "rda_adagrad": partial(adagrad, rule="rda"),
    "qcmd_adagrad": partial(quantized_adagrad, rule="cmd"),
    "qrda_adagrad": partial(quantized_adagrad, rule="rda"),
}

PATIENT: dict[str, Callable[..., Iterator[tuple[int, Array]]]] = {
    "dgd": PatientDgd,
    "choco_sgd": PatientChoco,
    "gradient_push": PatientPush,
}

RING = {"topology": {"kind": "ring", "nodes": 5}, "mixing": "uniform_neighbors"}
IN_TURN = {"topology": {"kind": "one_peer_exponential", "nodes": 5}}
DIRECTED = {"topology": {"kind": "directed_exponential", "nodes": 5}}
PATH = {"topology": {"kind": "path", "nodes": 5}, "mixing": "column_stochastic"}
STAR = {"topology": {"kind": "star", "nodes": 5}}
NEIGHBORS = {
    "ring": [[1, 4], [0, 2], [1, 3], [2, 4], [0, 3]],
    "complete": [[1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4], [0, 1, 2, 4], [0, 1, 2, 3]],
    "path": [[1], [0, 2], [1, 3], [2, 4], [3]],
}
ADAM = {"step_size": 0.01, "beta1": 0.9, "beta2": 0.99}
DECENTRALIZED = {**ADAM, "epsilon": 1e-6}
SERVER = {**ADAM, "nu": 1e-8}
CMD = {"step_size": 0.1, "lambda": 0.001, "delta": 1e-8}
RDA = {"step_size": 0.1, "lambda": 0.02, "delta": 1e-8}
OPTIMAL = {"kind": "threshold", "optimal": True}


def top(k: int) -> dict[str, Any]:
    return {"kind": "top_k", "k": k}


def inverse_sqrt(value: float) -> dict[str, Any]:
    return {"kind": "inverse_sqrt", "value": value}


def decreasing(value: float) -> dict[str, Any]:
    return {"kind": "piecewise", "value": value, "factor": 0.3, "at": [4, 11]}


def asynchronous(factors: list[float], graph: str = "star") -> dict[str, Any]:
    network = {"latency": f"{LATENCY} ns", "bandwidth": f"{1000 // NANOSECONDS_A_BIT} Mbit/s"}
    topology = {"kind": graph, "nodes": len(factors)}
    return {"topology": topology, "network": network, "compute": {"gradient": f"{GRADIENT} ns", "factors": factors}}


def case(graph: dict[str, Any], kind: str, *settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    algorithm = {"kind": kind}
    for setting in (*settings, more):
        algorithm |= setting
    return {**graph, "algorithm": algorithm}


DECREASING = {"step_size": decreasing(0.1), "weight_decay": 0.05}
STRAGGLERS = [1, 1.1, 1.3, 5, 7]  # with delays above and below the number of workers

UNEVEN_RING = {**asynchronous([1, 1.3, 1.7, 2.3, 9.1], "ring"), "mixing": "uniform_neighbors"}
UNEVEN_PATH = {**asynchronous([1, 1.3, 1.7, 5.3, 2.1], "path"), "mixing": "column_stochastic"}

CASES = {
    "dgd": case(RING, "dgd", step_size=0.05),
    "dgd_inverse_sqrt": case(RING, "dgd", step_size=inverse_sqrt(0.2)),
    "dadam": case(RING, "dadam", DECENTRALIZED, beta3=0.9),
    "decentralized_amsgrad": case(RING, "decentralized_amsgrad", DECENTRALIZED),
    "decentralized_amsgrad_inverse_sqrt": case(RING, "decentralized_amsgrad", DECENTRALIZED, step_size=inverse_sqrt(0.05)),
    "decentralized_adagrad": case(RING, "decentralized_adagrad", DECENTRALIZED),
    "decentralized_adam": case(RING, "decentralized_adam", DECENTRALIZED),
    "sgd": case(STAR, "sgd", step_size=0.2),
    "sgd_inverse_sqrt": case(STAR, "sgd", step_size=inverse_sqrt(0.5)),
    "sgd_ef_sign": case(STAR, "sgd_ef", step_size=0.2, compressor="scaled_sign"),
    "sgd_ef_top2": case(STAR, "sgd_ef", step_size=0.2, compressor=top(2)),
    "sgd_ef_threshold_optimal": case(STAR, "sgd_ef", step_size=0.2, compressor=OPTIMAL),
    "sgd_naive_sign": case(STAR, "sgd_ef", step_size=0.2, compressor="scaled_sign", error_feedback=False),
    "signsgd": case(STAR, "signsgd", step_size=0.02),
    "signsgd_inverse_sqrt": case(STAR, "signsgd", step_size=inverse_sqrt(0.05)),
    "amsgrad": case(STAR, "amsgrad", SERVER),
    "amsgrad_naive_sign": case(STAR, "sparse_ams", SERVER, compressor="scaled_sign", error_feedback=False),
    "amsgrad_ef_sign": case(STAR, "sparse_ams", SERVER, compressor="scaled_sign"),
    "sparse_ams_top2": case(STAR, "sparse_ams", SERVER, compressor=top(2)),
    "amsgrad_naive_sign_both_ways": case(STAR, "sparse_ams", SERVER, compressor="scaled_sign", error_feedback=False,
                                         both_ways=True),
    "amsgrad_ef_top2_both_ways": case(STAR, "sparse_ams", SERVER, compressor=top(2), both_ways=True,
                                      step_size=decreasing(0.05)),
    "sparse_ams_threshold": case(STAR, "sparse_ams", SERVER, compressor="threshold"),
    "cd_adam_sign": case(STAR, "cd_adam", SERVER, compressor="scaled_sign"),
    "cd_adam_sign_inverse_sqrt": case(STAR, "cd_adam", SERVER, compressor="scaled_sign", step_size=inverse_sqrt(0.05)),
    "cd_adam_top1": case(STAR, "cd_adam", SERVER, compressor=top(1)),
    "cd_adam_identity": case(STAR, "cd_adam", SERVER, compressor="identity"),
    "ef21_sign": case(STAR, "ef21", step_size=0.05, compressor="scaled_sign"),
    "ef21_bidirectional_top2": case(STAR, "ef21", step_size=0.05, compressor=top(2), bidirectional=True),
    "onebit_adam": case(STAR, "onebit_adam", SERVER, warmup=5, compressor="scaled_sign"),
    "qadam_sign": case(STAR, "qadam", SERVER, compressor="scaled_sign"),
    "qadam_top2": case(STAR, "qadam", SERVER, compressor=top(2), step_size=inverse_sqrt(0.05)),
    "prox_gd": case(STAR, "prox_gd", step_size=0.2, **{"lambda": 0.02}),
    "prox_gd_inverse_sqrt": case(STAR, "prox_gd", step_size=inverse_sqrt(0.5), **{"lambda": 0.02}),
    "cmd_adagrad": case(STAR, "cmd_adagrad", CMD),
    "cmd_adagrad_inverse_sqrt": case(STAR, "cmd_adagrad", CMD, step_size=inverse_sqrt(0.2)),
    "qcmd_adagrad_threshold": case(STAR, "qcmd_adagrad", CMD, quantizer="threshold"),
    "qcmd_adagrad_threshold_one_way": case(STAR, "qcmd_adagrad", CMD, quantizer="threshold", both_ways=False),
    "qcmd_adagrad_threshold_optimal": case(STAR, "qcmd_adagrad", CMD, quantizer=OPTIMAL),
    "rda_adagrad": case(STAR, "rda_adagrad", RDA),
    "qrda_adagrad_threshold": case(STAR, "qrda_adagrad", RDA, quantizer="threshold"),
    "qrda_adagrad_threshold_one_way": case(STAR, "qrda_adagrad", RDA, quantizer="threshold", both_ways=False),
    "qrda_adagrad_threshold_optimal": case(STAR, "qrda_adagrad", RDA, quantizer=OPTIMAL),
    "qrda_adagrad_inverse_sqrt": case(STAR, "qrda_adagrad", RDA, quantizer="threshold", step_size=inverse_sqrt(0.2)),
    "choco_sgd_sign": case(RING, "choco_sgd", step_size=0.05, consensus_step=0.3, compressor="scaled_sign"),
    "choco_sgd_top2": case(RING, "choco_sgd", step_size=inverse_sqrt(0.2), consensus_step=0.3, compressor=top(2)),
    "dgd_in_turn": case(IN_TURN, "dgd", step_size=decreasing(0.2)),
    "decentralized_amsgrad_in_turn": case(IN_TURN, "decentralized_amsgrad", DECENTRALIZED),
    "gradient_tracking_in_turn": case(IN_TURN, "gradient_tracking", step_size=0.05),
    "gradient_push_path": case(PATH, "gradient_push", step_size=decreasing(0.2)),
    "gradient_push_directed": case(DIRECTED, "gradient_push", step_size=0.05),
    "gradient_push_in_turn": case(IN_TURN, "gradient_push", step_size=inverse_sqrt(0.2)),
    "gradient_tracking": case(RING, "gradient_tracking", step_size=0.05),
    "local_sgd": case(STAR, "local_sgd", step_size=0.05, local_steps=4),
    "local_sgd_momentum": case(STAR, "local_sgd", step_size=0.05, local_steps=4, outer_step=0.7, outer_momentum=0.5),
    "local_sgd_nesterov": case(STAR, "local_sgd", step_size=inverse_sqrt(0.1), local_steps=3, outer_step=0.7,
                               outer_momentum=0.5, nesterov=True),
    "async_sgd": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1]), "async_sgd", step_size=0.05),
    "async_sgd_together": case(asynchronous([1, 1, 1, 1, 1]), "async_sgd", step_size=inverse_sqrt(0.1)),
    # Every algorithm with step sizes that change, and with weight decay where it has that: where a constant step size
    # stands in the listing, inside a memory or outside, makes no difference.
    "dgd_decreasing": case(RING, "dgd", step_size=decreasing(0.2)),
    "dadam_decreasing": case(RING, "dadam", DECENTRALIZED, beta3=0.9, step_size=decreasing(0.05)),
    "decentralized_amsgrad_decreasing": case(RING, "decentralized_amsgrad", DECENTRALIZED, step_size=decreasing(0.05)),
    "decentralized_adam_decreasing": case(RING, "decentralized_adam", DECENTRALIZED, step_size=decreasing(0.05)),
    "decentralized_adagrad_decreasing": case(RING, "decentralized_adagrad", DECENTRALIZED, step_size=decreasing(0.05)),
    "choco_sgd_decreasing": case(RING, "choco_sgd", step_size=decreasing(0.2), consensus_step=0.3, compressor=top(2)),
    "gradient_tracking_decreasing": case(RING, "gradient_tracking", step_size=decreasing(0.1)),
    "sgd_decreasing": case(STAR, "sgd", DECREASING),
    "sgd_ef_sign_decreasing": case(STAR, "sgd_ef", DECREASING, compressor="scaled_sign"),
    "sgd_ef_top2_decreasing": case(STAR, "sgd_ef", DECREASING, compressor=top(2)),
    "sgd_naive_sign_decreasing": case(STAR, "sgd_ef", DECREASING, compressor="scaled_sign", error_feedback=False),
    "signsgd_decreasing": case(STAR, "signsgd", DECREASING),
    "amsgrad_decreasing": case(STAR, "amsgrad", SERVER, DECREASING),
    "sparse_ams_decreasing": case(STAR, "sparse_ams", SERVER, DECREASING, compressor=top(2)),
    "local_sgd_decreasing": case(STAR, "local_sgd", DECREASING, local_steps=3, outer_step=0.7, outer_momentum=0.5),
    "local_sgd_ef_decreasing": case(STAR, "local_sgd", DECREASING, local_steps=3, compressor=top(2), error_feedback=True),
    "async_sgd_decreasing": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1]), "async_sgd", DECREASING),
    "async_sgd_inverse": case(asynchronous(STRAGGLERS), "async_sgd", DECREASING, delay_adaptive="inverse"),
    "async_sgd_drop": case(asynchronous(STRAGGLERS), "async_sgd", DECREASING, delay_adaptive="drop"),
    "async_sgd_inverse_sqrt": case(asynchronous(STRAGGLERS), "async_sgd", DECREASING, delay_adaptive="inverse_sqrt"),
    "async_sgd_buffer": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1]), "async_sgd", DECREASING, buffer=3),
    "async_sgd_buffer_inverse": case(asynchronous(STRAGGLERS), "async_sgd", DECREASING, buffer=2, delay_adaptive="inverse"),
    "async_sgd_full_buffer": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1]), "async_sgd", DECREASING, buffer=5),
    "cd_adam_decreasing": case(STAR, "cd_adam", SERVER, DECREASING, compressor="scaled_sign"),
    "ef21_decreasing": case(STAR, "ef21", DECREASING, compressor=top(2)),
    "ef21_bidirectional_decreasing": case(STAR, "ef21", DECREASING, compressor="scaled_sign", bidirectional=True),
    "onebit_adam_decreasing": case(STAR, "onebit_adam", SERVER, DECREASING, warmup=6, compressor="scaled_sign"),
    "qadam_decreasing": case(STAR, "qadam", SERVER, DECREASING, compressor=top(2)),
    "prox_gd_decreasing": case(STAR, "prox_gd", step_size=decreasing(0.5), **{"lambda": 0.02}),
    "cmd_adagrad_decreasing": case(STAR, "cmd_adagrad", CMD, step_size=decreasing(0.2)),
    "rda_adagrad_decreasing": case(STAR, "rda_adagrad", RDA, step_size=decreasing(0.2)),
    "qcmd_adagrad_decreasing": case(STAR, "qcmd_adagrad", CMD, quantizer="threshold", step_size=decreasing(0.2)),
    "qrda_adagrad_decreasing": case(STAR, "qrda_adagrad", RDA, quantizer="threshold", step_size=decreasing(0.2)),
}
WITHOUT_ROUNDS = {  # and without a server
    "ad_psgd": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1], "ring"), "ad_psgd", step_size=decreasing(0.1)),
    "ad_psgd_together": case(asynchronous([1, 1, 1, 1, 1], "ring"), "ad_psgd", step_size=0.05),
    "ad_psgd_complete": case(asynchronous([1, 1.1, 1.3, 5, 7], "complete"), "ad_psgd", step_size=inverse_sqrt(0.1)),
    "ad_psgd_slow_network": case(asynchronous([0.1, 0.13, 0.17, 0.23, 0.31], "path"), "ad_psgd", step_size=0.05),
    "ad_psgd_local": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1], "complete"), "ad_psgd", step_size=decreasing(0.1),
                          local_steps=3),
    "dgd_first": case(UNEVEN_RING, "dgd", step_size=decreasing(0.1), wait_for=1),
    "dgd_in_time": case(UNEVEN_RING, "dgd", step_size=0.05, wait_at_most="1500000 ns"),
    "dgd_first_in_time": case(UNEVEN_RING, "dgd", step_size=0.05, wait_for=1, wait_at_most="500000 ns"),
    "choco_sgd_first": case(UNEVEN_RING, "choco_sgd", step_size=decreasing(0.1), consensus_step=0.3,
                            compressor="scaled_sign", wait_for=1),
    "choco_sgd_in_time": case(UNEVEN_RING, "choco_sgd", step_size=0.05, consensus_step=0.3, compressor="scaled_sign",
                              wait_at_most="2500000 ns"),
    "gradient_push_first": case(UNEVEN_PATH, "gradient_push", step_size=decreasing(0.1), wait_for=1),
    "ad_psgd_gossip": case(asynchronous([1, 1.3, 1.7, 2.3, 3.1], "ring"), "ad_psgd",
                           step_size={"kind": "piecewise", "value": 1, "factor": 0, "at": [1]}),
}
CASES |= WITHOUT_ROUNDS

# What the workers hold when the server steps is not of the algorithm.
WITHOUT_CONSENSUS = {"local_sgd", "async_sgd"}

# y, then a: five rows for each of five nodes. The last feature is ten times as small.
ROWS = """
-1   0.00  0.30  0.00 -0.89  0.00 -0.99
-1   0.06  1.34 -0.49 -0.62  0.00  0.00
+1   0.11 -0.93 -0.03  0.70 -1.34 -0.46
+1   0.00 -1.29 -1.84 -0.24 -1.27  0.27
+1   0.16  0.00  0.00  0.00 -0.05  0.00

+1   0.00  0.00 -0.98  0.00  1.06 -0.81
-1  -0.03  0.88 -0.58 -0.11  0.11  0.06
-1  -1.23  0.08  1.36 -1.55  0.86  0.00
+1  -0.64  0.00  0.76 -1.20  0.07  0.58
+1  -0.19  0.00  0.00  0.00  1.44 -0.68

+1   0.20 -0.46  0.13  0.00 -0.58  0.00
-1   0.00  1.15  0.00  0.00  0.65 -1.99
-1  -0.46 -0.10  1.26  0.69 -0.33  0.00
-1   0.00  1.52  0.00  0.00  0.00 -0.12
+1  -0.20 -1.11 -0.01 -0.44  0.00  0.65

-1  -0.02  0.67 -0.34  1.05 -0.01  0.58
-1  -1.29  0.00 -1.69 -2.04 -0.30 -0.90
-1   0.16  2.24 -0.83 -0.62  0.00  0.49
-1  -0.18 -0.21  0.00  0.52 -1.03 -0.08
-1   0.04  0.00  0.26 -0.86  0.00  0.19

+1   0.09 -0.59  0.00 -2.00  0.00  0.36
-1   0.00  0.00  0.00  0.76 -0.85  0.78
+1   0.13  0.00  1.25  1.44 -0.07  0.00
+1   0.00 -0.98  1.10  0.00 -0.05  0.00
+1   0.00  0.00  0.00  0.00  0.97  0.01
"""
X0 = [0.3, -0.2, 0.1, 0.0, 0.5, -0.4]
LAMBDA = 0.1


def logistic_problem() -> NonconvexLogistic:
    rows = np.array(ROWS.split(), float).reshape(25, 7)
    return NonconvexLogistic(rows[:, 1:] * [1, 1, 1, 1, 1, 0.1], rows[:, 0], nodes=5, lam=LAMBDA, x0=np.array(X0))


def schedule(scenario: float | dict[str, Any]) -> Schedule:
    if not isinstance(scenario, dict):
        return lambda t: scenario
    if scenario["kind"] == "inverse_sqrt":
        return lambda t: scenario["value"] / np.sqrt(t)
    return lambda t: scenario["value"] * scenario["factor"] ** sum(end < t for end in scenario["at"])


def iterates(scenario: dict[str, Any], problem: NonconvexLogistic | Quadratic, wire: Wire) -> Iterates:
    """Runs the algorithm that a scenario names with the settings that it gives."""
    settings = dict(scenario["algorithm"])
    kind = settings.pop("kind")
    is_patient = not {"wait_for", "wait_at_most"}.isdisjoint(settings)
    algorithm = PATIENT[kind] if is_patient else ALGORITHMS[kind]
    arguments: dict[str, Any] = {"step_size": schedule(settings.pop("step_size"))}
    if "weight_decay" in settings:
        problem = WithWeightDecay(problem, settings.pop("weight_decay"))
    for key, value in settings.items():
        if key in ("compressor", "quantizer"):
            arguments["C"] = compressor(value, wire)
        elif key == "wait_at_most":
            arguments[key] = int(value.removesuffix(" ns"))
        else:
            arguments["lam" if key == "lambda" else key] = value
    graph = scenario["topology"]["kind"]
    takes = inspect.signature(PatientNodes if is_patient else algorithm).parameters
    if "W" in takes:
        arguments["W"] = weights(graph, problem.nodes)
    if "factors" in takes:
        arguments["factors"] = scenario["compute"]["factors"]
    if "neighbors" in takes:
        arguments["neighbors"] = NEIGHBORS[graph]
    return algorithm(problem, wire, **arguments)


def run(scenario: dict[str, Any], problem: NonconvexLogistic, wire: Wire) -> dict[str, Any]:
    kind = scenario["algorithm"]["kind"]
    found = list(itertools.islice(iterates(scenario, problem, wire), ITERATIONS))
    times, by_events = None, scenario in WITHOUT_ROUNDS.values()
    if by_events:
        times, found = zip(*found)
    elif "compute" in scenario:
        coming = arrivals(scenario["compute"]["factors"], wire.bits * len(X0), scenario["algorithm"].get("buffer", 1))
        times = [time for time, _ in itertools.islice(coming, ITERATIONS)]
    x = [problem.x0, *found]
    means = [x_t if x_t.ndim == 1 else x_t.mean(axis=0) for x_t in x]
    series = {
        "x_mean": [list(mean) for mean in means],
        "loss": [problem.loss(mean) for mean in means],
        "grad_norm": [np.linalg.norm(problem.gradients(mean).mean(axis=0)) for mean in means],
        "consensus": [((x_t - mean) ** 2).sum(axis=-1).mean() for x_t, mean in zip(x, means)],
    }
    if kind in WITHOUT_CONSENSUS:
        del series["consensus"]
    if times:
        series["time"] = [0.0] + [time / 1e9 for time in times]
    if by_events:
        series["x"] = [list(np.broadcast_to(x_t, (problem.nodes, len(X0))).ravel()) for x_t in x]
    return series


def logistic() -> dict[str, Any]:
    problem = logistic_problem()
    return {
        "about": "Made by reference.py. Row t of every series is the state after t iterations; row 0 is x0. Full-batch "
                 "gradients. x_mean is the mean of the nodes' x, and with a server the x that it or every worker holds, in "
                 "double precision; consensus is the mean over the nodes of |x_i - x_mean|^2; loss and grad_norm are of f at "
                 "x_mean, without any l1 term; time is in seconds; x has the nodes' x, one after the other. Where nodes share no rounds, "
                 "row t is the state after n t iterations of all n nodes together.",
        "problem": {
            "kind": "logistic_nonconvex",
            "lambda": LAMBDA,
            "nodes": problem.nodes,
            "partition": "contiguous",
            "features": [list(row) for row in problem.a.reshape(-1, len(X0))],
            "labels": list(problem.y.ravel()),
            "x0": X0,
        },
        "cases": {
            name: {"scenario": scenario, "runs": {wire: run(scenario, problem, Wire(wire)) for wire in ("float32", "float64")}}
            for name, scenario in CASES.items()
        },
    }


def counterexample() -> dict[str, Any]:
    problem = Quadratic(np.array([[0.0], [1.0]]))
    rows = [0, 1, 2, 10, 100, 1000, 5000, 20000]
    adam = {"step_size": 0.001, "beta1": 0, "beta2": 0, "epsilon": 0.6}
    series = {}
    for kind, settings in (("dadam", {**adam, "beta3": 0}), ("decentralized_amsgrad", adam)):
        x = iterates(case({"topology": {"kind": "ring"}}, kind, settings), problem, Wire("float64"))
        means = [0.0, *(x_t.mean() for x_t in itertools.islice(x, rows[-1]))]
        series[kind] = [means[t] for t in rows]
    return {
        "about": "Made by reference.py. The mean of x over two nodes with f_i(x) = (x - a_i)^2 / 2, a = (0, 1), W = 1/2, step "
                 "0.001, beta1 = beta2 = beta3 = 0, epsilon = 0.6, x0 = 0, on a float64 wire. DADAM settles at "
                 "1 / (1 + (1 / sqrt(0.6)) (1 + alpha) / (1 + alpha / sqrt(0.6))) = 0.4365631675, decentralized AMSGrad at 1/2, "
                 "the minimum [Chen, Karimi, Zhao, Li 2021, Theorem 1].",
        "iterations": rows,
        **series,
    }


# ---- The files.

FILES = {"logistic.json": logistic, "counterexample.json": counterexample}
TOLERANCE = 1e-12  # of the row's largest entry; the libraries of mathematics differ


def text_of(value: Any, indent: str = "") -> str:
    """JSON with a line for each row of numbers."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    line = json.dumps(value)
    if len(line) < 120 or not any(isinstance(item, (dict, list)) for item in inner):
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        opening, closing = "{", "}"
        items = [f"{json.dumps(key)}: {text_of(item, deeper)}" for key, item in value.items()]
    else:
        opening, closing = "[", "]"
        items = [text_of(item, deeper) for item in value]
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(items) + f"\n{indent}{closing}"


def difference(there: Any, computed: Any, place: str) -> str | None:
    """Where they first differ, in words."""
    if isinstance(computed, dict) and isinstance(there, dict) and list(computed) == list(there):
        pairs = ((there[key], computed[key], f"{place}: {key}") for key in computed)
    elif isinstance(computed, list) and isinstance(there, list) and len(computed) == len(there):
        if computed and all(isinstance(number, (int, float)) for number in computed + there):
            far = np.abs(np.subtract(there, computed)).max()
            if far <= TOLERANCE * np.abs(computed).max():
                return None
            return f"{place}: it differs by {far:.3g}"
        pairs = ((a, b, f"{place}: {index}") for index, (a, b) in enumerate(zip(there, computed)))
    else:
        return None if there == computed else f"{place}: it is another"
    return next((found for pair in pairs if (found := difference(*pair))), None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    check = parser.parse_args().check
    faults = []
    for name, compute in FILES.items():
        path, text = FOLDER / name, text_of(compute()) + "\n"
        if not check:
            path.write_text(text)
        elif not path.exists():
            faults.append(f"{name}: it is missing")
        elif found := difference(json.loads(path.read_text()), json.loads(text), name):
            faults.append(found)
    if faults:
        print("\n".join(faults), "reference.py writes what it computes", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
