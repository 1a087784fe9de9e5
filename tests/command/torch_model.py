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

    def test_the_initial_point_depends_on_the_seed_alone(self):
        class Odd(torch.nn.Module):
            """What reset_parameters does not reach: a parameter and a buffer of its own, attention, a frozen layer."""

            def __init__(self):
                super().__init__()
                self.frozen, self.linear = torch.nn.Linear(4, 4), torch.nn.Linear(4, 3)
                self.frozen.requires_grad_(False)
                self.attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)
                self.scale = torch.nn.Parameter(torch.tensor(2.0))
                self.register_buffer("mean", torch.ones(4))

            def forward(self, inputs):
                self.mean = 0.9 * self.mean + 0.1 * inputs.detach().mean(0)  # Another tensor in the buffer's place.
                mixed = self.frozen(inputs - self.mean)[:, None, :]
                return self.scale * self.linear(self.attention(mixed, mixed, mixed)[0][:, 0, :])

        torch.manual_seed(1)
        module, data = Odd(), (torch.randn(20, 4), torch.arange(20) % 3)
        model = gossamer_model.TorchModel(module, torch.nn.CrossEntropyLoss(), data)
        pretrained, rows = module.frozen.weight.clone(), np.arange(6, dtype=np.int32)
        x, state = model.initial_point(3)
        call = gossamer_model.Call(training=True, seed=5, state=state)
        g, after = model.gradient(x, rows, call)
        self.assertFalse(np.array_equal(state, after))
        for seed in (4, 3):
            other, state_of_other = model.initial_point(seed)
            self.assertEqual(np.array_equal(other, x), seed == 3)
            np.testing.assert_array_equal(state_of_other, state)
            model.gradient(3 * other, rows, gossamer_model.Call(training=True, seed=6, state=state + 1))
        again = model.gradient(x, rows, call)
        np.testing.assert_array_equal(again[0], g)
        np.testing.assert_array_equal(again[1], after)
        self.assertTrue(torch.equal(module.frozen.weight, pretrained))
        names = [name for name, p in module.named_parameters() if p.requires_grad]
        drawn = dict(zip(names, np.split(other != model.initial_point(4)[0], np.cumsum(model.layers)[:-1])))
        self.assertFalse(drawn["scale"].any())
        self.assertTrue(drawn["attention.in_proj_weight"].all() and drawn["linear.weight"].all())

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
