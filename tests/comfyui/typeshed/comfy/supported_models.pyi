"""Families of models."""

from .supported_models_base import BASE

class SD15(BASE): ...
