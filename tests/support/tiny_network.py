"""A crop network that is small and has random weights."""

import torch

from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig

TINY = FaceNetworkConfig(widths=(8, 8, 8, 8), depths=(1, 1, 1), narrow=4, components=4, ranks=(8,), hidden=8)


def network() -> FaceNetwork:
    torch.manual_seed(0)
    found = FaceNetwork(TINY)
    [step] = found.steps
    for layer in (step.units, step.layer, step.keep):
        assert isinstance(layer, torch.nn.Linear)
        torch.nn.init.normal_(layer.weight, std=0.5)
    found.mean.uniform_(-0.4, 0.4)  # landmarks all over the crop
    return found
