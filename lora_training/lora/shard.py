"""`shard_base`: the frozen network divided among the processes of a run, each of which keeps a part (FSDP)."""

from __future__ import annotations

from typing import Any

from torch import nn


def shard_base(unet: Any, learned: nn.Module, device: str, processes: int) -> None:
    """Let each process keep a part of the parameters that do not learn; a block's are gathered while it computes.

    What learns stays whole in every process, so that gradients, checkpoints and files are as without it. Every process
    must then ask the network as often as the others, validations included. See arXiv 2304.11277.

    Args:
        unet: The network, on the device, with its adapter.
        learned: The parameters that learn.
        device: Kind of device, such as "cuda".
        processes: Number of processes.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh, whole = init_device_mesh(device, (processes,)), set(learned.parameters())
    for block in (*unet.down_blocks, unet.mid_block, *unet.up_blocks):
        fully_shard(block, mesh=mesh, ignored_params=whole)
    fully_shard(unet, mesh=mesh, ignored_params=whole)
