"""Gossamer's analysis: reads traces, never the engine. One page: README.md."""


def __getattr__(name: str):
    """`from analysis import load`. Commands import this package before they know that h5py is there."""
    if name == "load":
        from analysis.runs import load

        return load
    raise AttributeError(f"module 'analysis' has no attribute '{name}'")
