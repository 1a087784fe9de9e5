"""A model in PyTorch behind the client in Python."""

import sys
import unittest

import h5py
import numpy as np
from test_command import SOURCE, CommandTest

try:
    import torch
except ImportError:
    torch = None
sys.path.append(str(SOURCE / "algorithms/problems/process"))

import gossamer_model

SCENARIO = SOURCE / "scenarios/models/torch/bars.yaml"


@unittest.skipUnless(torch, "there is no PyTorch here; Debian has it as python3-torch")
class Torch(CommandTest):
    def model(self):
        torch.manual_seed(1)
        module = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 3))
        data = torch.randn(20, 5), torch.arange(20) % 3
        return module, data, gossamer_model.TorchModel(module, torch.nn.CrossEntropyLoss(), data)

    def test_gradients_are_those_of_the_module(self):
        module, (inputs, targets), model = self.model()
        x, state = model.initial_point(3)
        self.assertEqual((len(x), len(state), model.dimension), (47, 9, 47))
        rows = np.array([1, 5, 7, 11], dtype=np.int32)
        call = gossamer_model.Call(training=True, seed=2**64 - 1, state=state)
        g, after = model.gradient(x, rows, call)
        module.train()
        torch.manual_seed((2**64 - 1) % 2**63)
        for buffer, value in zip(module.buffers(), model._slices(state, list(module.buffers()))):
            buffer.copy_(value[1])
        module.zero_grad()
        torch.nn.functional.cross_entropy(module(inputs[rows].double()), targets[rows]).backward()
        own = torch.cat([p.grad.reshape(-1) for p in module.parameters()])
        np.testing.assert_allclose(g, own, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(after, torch.cat([b.double().reshape(-1) for b in module.buffers()]))
        self.assertEqual(after[-1], 1)  # BatchNorm has seen one batch.

    def test_answers_depend_on_the_call_alone(self):
        _, _, model = self.model()
        x, state = model.initial_point(3)
        rows = np.arange(6, dtype=np.int32)
        first = model.gradient(x, rows, gossamer_model.Call(training=True, seed=5, state=state))
        model.initial_point(4)
        other = model.gradient(2 * x, rows, gossamer_model.Call(training=True, seed=6, state=state + 1))
        again = model.gradient(x, rows, gossamer_model.Call(training=True, seed=5, state=state))
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])
        self.assertFalse(np.array_equal(first[0], other[0]))

    def test_the_example(self):
        arguments = ["run", SCENARIO, "--quiet", "--set", "stop.iterations=40", "--set", "problem.verify_gradients=5"]
        for threads in (1, 2):
            done = self.gossamer(*arguments, "--threads", str(threads), "-o", f"{threads}.h5", timeout=300)
            self.assert_done(done)
        self.assertEqual((self.folder / "1.h5").read_bytes(), (self.folder / "2.h5").read_bytes())
        with h5py.File(self.folder / "1.h5") as trace:
            loss = trace["metrics/loss"][:]
            self.assertLess(loss[-1], loss[0])


if __name__ == "__main__":
    unittest.main()
