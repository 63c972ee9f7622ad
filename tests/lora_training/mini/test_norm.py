"""Quick normalization gives what PyTorch's gives."""

from typing import Any

import pytest
import torch
from torch import nn

from auface.lora_training.mini.norm import quick_norms


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_values_and_gradients_are_equal(layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    slow: Any = nn.GroupNorm(4, 16)
    nn.init.normal_(slow.weight)
    nn.init.normal_(slow.bias)
    quick: Any = quick_norms(nn.Sequential(nn.GroupNorm(4, 16)))
    quick = quick[0]
    quick.load_state_dict(slow.state_dict())
    assert type(quick) is not nn.GroupNorm
    value = (torch.randn(2, 16, 6, 8) + 1).contiguous(memory_format=layout)
    wanted = torch.randn(2, 16, 6, 8).contiguous(memory_format=layout)
    one, other = (value.clone().requires_grad_() for _ in range(2))
    slow(one).backward(wanted)
    quick(other).backward(wanted)
    torch.testing.assert_close(slow(one), quick(other))
    torch.testing.assert_close(one.grad, other.grad)
    torch.testing.assert_close(slow.weight.grad, quick.weight.grad)
    torch.testing.assert_close(slow.bias.grad, quick.bias.grad)
