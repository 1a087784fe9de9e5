#!/usr/bin/python3
"""DGD on a ring of five with cnn3, batches of 32, as one writes it in PyTorch: milliseconds a round, one thread.

    networks_torch.py [FOLDER]

Random images of MNIST's shape, which take as long as MNIST's. Prints a line of JSON. It needs python3-torch.
"""

import json
import sys
import time

try:
    import torch
except ImportError as error:
    sys.exit(f"skipped: {error}; python3-torch is needed")

torch.set_num_threads(1)
torch.manual_seed(1)
NODES, BATCH, STEP = 5, 32, 0.1


def network():
    layers, channels = [], 1
    for width in (16, 32, 64):
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        channels = width
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(64 * 9, 10))


models = [network() for _ in range(NODES)]
images, labels = torch.rand(NODES, 1000, 1, 28, 28), torch.randint(10, (NODES, 1000))


def one_round():
    gradients = []
    for node, model in enumerate(models):
        rows = torch.randint(1000, (BATCH,))
        loss = torch.nn.functional.cross_entropy(model(images[node, rows]), labels[node, rows])
        gradients.append(torch.autograd.grad(loss, list(model.parameters())))
    with torch.no_grad():
        values = [[p.clone() for p in model.parameters()] for model in models]
        for node, model in enumerate(models):
            before, after = values[node - 1], values[(node + 1) % NODES]
            for k, p in enumerate(model.parameters()):
                p.copy_((before[k] + values[node][k] + after[k]) / 3 - STEP * gradients[node][k])


for _ in range(20):
    one_round()
start = time.monotonic()
for _ in range(200):
    one_round()
print(json.dumps({"round_ms": (time.monotonic() - start) / 200 * 1000}))
