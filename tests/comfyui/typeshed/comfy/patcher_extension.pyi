"""Where extensions of a model are called."""

class WrappersMP:
    DIFFUSION_MODEL: str

class CallbacksMP:
    ON_CLEANUP: str
