"""A network of one hidden layer, in NumPy: which of three spiral arms a point lies on."""

import numpy as np
from gossamer_model import serve


def spirals(rows, seed):
    rng = np.random.default_rng(seed)
    arms, radius = np.arange(rows) % 3, rng.uniform(0.1, 1, rows)
    angle = 2.1 * arms + 4 * radius + 0.15 * rng.standard_normal(rows)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), arms


class Network:
    def __init__(self, options):
        self.hidden = options.get("hidden", 32)
        self.parts = {"train": spirals(900, 1), "test": spirals(300, 2)}
        self.train_labels, self.test_rows = self.parts["train"][1], 300
        self.dimension = 6 * self.hidden + 3  # U: 2 x h, b: h, V: h x 3, c: 3.

    def initial_point(self, seed):
        return np.random.default_rng(seed).standard_normal(self.dimension) * 0.5

    def forward(self, x, rows, part):
        h, (points, arms) = self.hidden, self.parts[part]
        U, b, V, c = x[:2 * h].reshape(2, h), x[2 * h:3 * h], x[3 * h:6 * h].reshape(h, 3), x[6 * h:]
        inputs, hidden = points[rows], np.tanh(3 * points[rows] @ U + b)
        scores = hidden @ V + c
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        return inputs, hidden, V, p / p.sum(axis=1, keepdims=True), arms[rows]

    def gradient(self, x, rows, call):
        inputs, hidden, V, p, arms = self.forward(x, rows, call.part)
        p[np.arange(len(rows)), arms] -= 1
        p /= len(rows)
        back = p @ V.T * (1 - hidden**2)
        return np.concatenate([(3 * inputs.T @ back).ravel(), back.sum(0), (hidden.T @ p).ravel(), p.sum(0)])

    def evaluate(self, x, rows, call):
        _, _, _, p, arms = self.forward(x, rows, call.part)
        return -np.log(p[np.arange(len(rows)), arms]).sum(), np.count_nonzero(p.argmax(axis=1) == arms)


if __name__ == "__main__":
    serve(Network)
