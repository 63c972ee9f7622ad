"""The part of ComfyUI's engine that the nodes use, for the type checker; a test compares it with the real one."""
