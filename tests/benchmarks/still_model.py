"""A model whose gradient is 1: what is left of a call is its cost. It is written in its place, or has to be copied there."""

import numpy as np
from gossamer_model import serve


class Still:
    train_rows = 1000

    def __init__(self, options):
        self.dimension = options["dimension"]
        self.answer = np.ones(self.dimension, np.float32)
        self.in_place = options["in_place"]

    def initial_point(self, seed):
        return self.answer

    def gradient(self, x, rows, call):
        if not self.in_place:
            return self.answer
        call.result.fill(1)
        return call.result

    def evaluate(self, x, rows, call):
        return 1.0


serve(Still)
