"""A convolutional network with BatchNorm and dropout, in PyTorch: is the bar in an image horizontal, vertical or diagonal?"""

import torch
from gossamer_model import serve_torch
from torch import nn


def bars(rows, seed):
    draw = torch.Generator().manual_seed(seed)
    kinds, places = torch.arange(rows) % 3, torch.randint(8, (rows,), generator=draw)
    images = 0.5 * torch.randn(rows, 1, 8, 8, generator=draw)
    for image, kind, place in zip(images[:, 0], kinds, places):
        blank = torch.zeros(8, 8)
        blank[place] = 1
        image += (blank, blank.T, torch.roll(torch.eye(8), int(place), 0))[kind]
    return images, kinds


network = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 3))
serve_torch(network, nn.CrossEntropyLoss(), train=bars(600, 1), test=bars(300, 2),
            augment=lambda images: torch.flip(images, (3,)) if torch.rand(()) < 0.5 else images)
