"""Diffusers pipelines, the adapter, and the embedded default model."""
