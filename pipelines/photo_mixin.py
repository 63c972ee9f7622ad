"""`PhotoMixin`: what pipelines of all base layouts do with a photo that they draw on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from diffusers.image_processor import PipelineImageInput, VaeImageProcessor
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import retrieve_latents
from diffusers.utils.torch_utils import randn_tensor
from numpy.typing import NDArray
from torch import Tensor

from auface.recognition.batch import Reader
from auface.recognition.face_choice import NoFaceError
from auface.recognition.verification import shipped_recognizer
from auface.structure.retargeting import Retargeted

from .canvas import Canvas
from .photo_input import photo_list, photo_size

Floats = NDArray[np.float32]
Generator = torch.Generator | list[torch.Generator] | None
Row = TypeVar("Row")


class PhotoMixin:
    """Encodes photos, finds where their faces are, and where they change."""

    _recognizer: Reader | None = None
    _encodes_in_float32: bool

    def check_photo_inputs(
        self: Any,
        image: PipelineImageInput | None,
        strength: float,
        num_inference_steps: int,
        mask_image: PipelineImageInput | None = None,
        latents: Tensor | None = None,
        *,
        timesteps: Sequence[int] | None = None,
        sigmas: Sequence[float] | None = None,
    ) -> None:
        """Refuse what `__call__` cannot do with a photo, before any work.

        Args:
            image: The photo, or None.
            strength: How much of it may change, above 0 to 1.
            num_inference_steps: Number of steps.
            mask_image: Where it may change.
            latents: Latents to begin with.
            timesteps: Times of the steps, instead of their number.
            sigmas: Noise of the steps, instead of their number.

        Raises:
            ValueError: A value is out of range, or arguments contradict each other.
        """
        if image is None:
            if mask_image is not None:
                raise ValueError("`mask_image` is given without `image`; accepted is a mask together with a photo.")
            return
        if not isinstance(strength, (int, float)) or not 0 < strength <= 1:  # also true for NaN
            raise ValueError(f"`strength` is {strength!r}; accepted is a number above 0 to 1.")
        asked = next((len(given) for given in (timesteps, sigmas) if given is not None), num_inference_steps)
        if int(asked * strength) < 1:
            raise ValueError(
                f"`num_inference_steps` is {asked}, of which a `strength` of {strength} leaves none; "
                "accepted are both large enough for one step."
            )
        if latents is not None:
            raise ValueError("`latents` and `image` are both given; accepted is one of the two.")

    def locate(
        self: Any,
        image: PipelineImageInput,
        height: int | None,
        width: int | None,
        landmarks: Floats | list[Floats] | None = None,
        *,
        find: bool = True,
    ) -> tuple[int, int, Floats | list[Floats] | None]:
        """Return height and width of the picture to draw, and where landmarks of the photo are in it.

        Args:
            image: The photo; several are all of one size.
            height: Wanted height in pixels; None for that of the photo.
            width: Wanted width in pixels; None for that of the photo.
            landmarks: (478, 2 or 3) in pixels of the photo, or a list.
            find: Whether landmarks that are not given are found, by the pipeline's recognizer.

        Raises:
            ValueError: An image is no photo, sizes differ, or a photo shows no face (a `NoFaceError`).
        """
        photos = photo_list(image)
        tall, wide = photo_size(photos[0])
        factor = self.vae_scale_factor
        new_tall, new_wide = height or tall - tall % factor, width or wide - wide % factor
        if landmarks is None and find:
            landmarks = [self.find_landmarks(photo) for photo in photos]
            landmarks = landmarks[0] if len(landmarks) == 1 else landmarks
        return new_tall, new_wide, _scaled(landmarks, (new_wide / wide, new_tall / tall))

    def find_landmarks(self: Any, photo: Any) -> Floats:
        """Return the (478, 3) landmarks of the largest face of a photo, in its pixels.

        Args:
            photo: A Pillow image, an array (H, W, 3), or a tensor (3, H, W) from 0 to 1.

        Raises:
            NoFaceError: A `ValueError`; the photo shows no face.
        """
        shown = photo.permute(1, 2, 0).float().cpu().numpy() if isinstance(photo, Tensor) else photo
        found = self.recognizer.read(shown)
        if not found.faces:
            raise NoFaceError("`image` shows no face; accepted is a photo of one, or `landmarks` beside it.")
        return found.face().face.landmarks

    @property
    def recognizer(self: Any) -> Reader:
        """What reads faces in photos and pictures: the shipped recognizer, unless another was set."""
        return self._recognizer or shipped_recognizer()

    @recognizer.setter
    def recognizer(self: Any, reader: Reader | None) -> None:
        self._recognizer = reader

    def prepare_canvas(
        self: Any,
        image: PipelineImageInput,
        timestep: Tensor,
        height: int,
        width: int,
        images: int,
        dtype: torch.dtype,
        device: torch.device,
        generator: Generator = None,
        *,
        mask_image: PipelineImageInput | None = None,
        retargeted: Sequence[Retargeted] = (),
    ) -> tuple[Canvas, Tensor]:
        """Return the photos as what is drawn on, and the latents to begin with.

        Args:
            image: One photo for all pictures, or as many as prompts or pictures.
            timestep: Time of the first step, (1,).
            height: Height of the pictures in pixels.
            width: Width of the pictures in pixels.
            images: Number of pictures.
            dtype: Type of the latents.
            device: Where to compute.
            generator: What the noise is drawn from.
            mask_image: Where the photos may change: white; instead of where the faces move.
            retargeted: Old and new geometry of each face; empty for none.

        Raises:
            ValueError: The number of photos, masks or generators does not fit that of pictures.
        """
        if isinstance(generator, list) and len(generator) != images:
            raise ValueError(f"`generator` has {len(generator)} entries; accepted are one without a list, or {images}.")
        photo = self.image_processor.preprocess(image, height=height, width=width).to(device, torch.float32)
        latents = self.encode_photos(photo, images, dtype, generator)
        photo = _repeated("image", photo, images)
        noise = randn_tensor(latents.shape, generator=generator, device=device, dtype=dtype)
        mask: Tensor | None = None
        if mask_image is not None:
            masks = VaeImageProcessor(
                vae_scale_factor=self.vae_scale_factor, do_normalize=False, do_convert_grayscale=True
            )
            mask = _repeated("mask_image", masks.preprocess(mask_image, height=height, width=width).to(device), images)
        elif retargeted:
            mask = torch.stack([one.mask(height, width)[None] for one in retargeted]).to(device)
        canvas = Canvas(image=photo, latents=latents, noise=noise, mask=mask)
        return canvas, self.scheduler.add_noise(latents, noise, timestep)

    def encode_photos(
        self: Any, photos: Tensor, images: int, dtype: torch.dtype, generator: Generator = None
    ) -> Tensor:
        """Return the latents of photos, one for each picture, as the plain image to image pipeline encodes them.

        Args:
            photos: (photos, 3, height, width) RGB from -1 to 1, on the device of the autoencoder.
            images: Number of pictures.
            dtype: Type of the latents.
            generator: What the autoencoder's own noise is drawn from.

        Raises:
            ValueError: The number of photos does not fit that of pictures.
        """
        config, before = self.vae.config, self.vae.dtype
        upcast = self._encodes_in_float32 and config.force_upcast
        photos = photos.to(dtype)
        try:
            if upcast:
                photos = photos.float()
                self.vae.to(dtype=torch.float32)
            if isinstance(generator, list):
                parts = zip(_repeated("image", photos, images).split(1), generator, strict=True)
                found = torch.cat([retrieve_latents(self.vae.encode(one), generator=own) for one, own in parts])
            else:
                found = retrieve_latents(self.vae.encode(photos), generator=generator)
        finally:
            if upcast:
                self.vae.to(dtype=before)
        found = _repeated("image", found.to(dtype), images)
        mean, deviation = (getattr(config, name, None) for name in ("latents_mean", "latents_std"))
        if mean is None or deviation is None:
            return config.scaling_factor * found
        shape = (1, -1, 1, 1)
        return (
            (found - found.new_tensor(mean).view(shape))
            * config.scaling_factor
            / found.new_tensor(deviation).view(shape)
        )


def _scaled(landmarks: Any, scale: tuple[float, float]) -> Any:
    """Return landmarks in pixels of a picture that was made larger or smaller; lists of them too."""
    if landmarks is None:
        return None
    if isinstance(landmarks, list):
        return [_scaled(one, scale) for one in landmarks]
    points = np.array(landmarks, np.float32)
    points[..., :2] *= scale
    return points


def _repeated(name: str, value: Tensor, images: int) -> Tensor:
    if images % len(value):
        raise ValueError(
            f"`{name}` has {len(value)} pictures; accepted are 1, or as many as prompts or pictures: {images}."
        )
    if images == len(value):
        return value
    # Not `repeat_interleave`, which lays rows out otherwise in memory, so that they would round otherwise.
    return torch.cat([row for row in value.split(1) for _ in range(images // len(value))])
