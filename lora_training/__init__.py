"""Training: LoRAs and adapters, the structural prior, the recognizer, the embedded default."""
