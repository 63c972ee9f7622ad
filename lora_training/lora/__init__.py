"""LoRA training: from an AUText folder to an expression LoRA that diffusers and ComfyUI load with the same strength."""
