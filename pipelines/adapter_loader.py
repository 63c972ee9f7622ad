"""`AUFaceAdapterLoaderMixin`: loading, saving and unloading the adapter of a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from accelerate.hooks import CpuOffload

from auface.pipelines.adapter.file import check_fits, read_adapter, write_adapter
from auface.pipelines.adapter.model import AUFaceAdapter


class AUFaceAdapterLoaderMixin:
    """Gives a pipeline an adapter, and takes it away without a trace."""

    def load_adapter(self: Any, adapter: AUFaceAdapter | Path | str, **kwargs: Any) -> None:
        """Give the pipeline an adapter, in place of one that it may have.

        Args:
            adapter: An adapter, a .safetensors file that `save_adapter` wrote, or a folder or name on the Hub that
                `AUFaceAdapter.from_pretrained` reads.
            **kwargs: For `AUFaceAdapter.from_pretrained`.

        Raises:
            ValueError: The file is missing or damaged, or the adapter is for another base or structure model; the
                pipeline stays as it was.
        """
        if isinstance(adapter, (str, Path)):
            path = Path(adapter)
            if path.is_file() or path.suffix == ".safetensors":
                adapter = read_adapter(path)
            else:
                adapter = AUFaceAdapter.from_pretrained(str(adapter), **kwargs)
        if not isinstance(adapter, AUFaceAdapter):
            raise ValueError(
                f"`adapter` is {type(adapter).__name__}; accepted are an AUFaceAdapter, a file or a folder."
            )
        check_fits(adapter, self.unet, self.vae_scale_factor)
        self._set_adapter(adapter)

    def save_adapter(self: Any, path: Path | str) -> Path:
        """Write the pipeline's adapter into one file, with what it is made for in its metadata.

        Args:
            path: A .safetensors file.

        Raises:
            ValueError: The pipeline has no adapter, or the name does not end in .safetensors.
        """
        if self.adapter is None:
            raise ValueError("`adapter` is None: the pipeline has no adapter to save.")
        return write_adapter(self.adapter, path)

    def unload_adapter(self: Any) -> None:
        """Take the adapter away; the pipeline is then what it was without one."""
        self._set_adapter(None)

    def _set_adapter(self: Any, adapter: AUFaceAdapter | None) -> None:
        # Offloading hooks sit on the modules that were there when it was switched on, so it is switched on again.
        hooks = [part._hf_hook for part in self.components.values() if hasattr(part, "_hf_hook")]
        by_model = any(isinstance(hook, CpuOffload) for hook in hooks)
        if hooks:
            self.remove_all_hooks()
        if adapter is not None:
            device = torch.device("cpu") if hooks else self._execution_device
            adapter = adapter.to(device, self.unet.dtype)  # pyright: ignore - diffusers hides torch's signature
            adapter.requires_grad_(False).train(False)
        self.register_modules(adapter=adapter)
        if by_model:
            self.enable_model_cpu_offload(device=self._offload_device)
        elif hooks:
            self.enable_sequential_cpu_offload(device=self._offload_device)
