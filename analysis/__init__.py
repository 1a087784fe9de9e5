"""Gossamer's analysis: figures and tables from traces. It never uses the engine. See README.md."""


def __getattr__(name: str):
    """For `from analysis import load`; lazy, since commands import this package before they know whether h5py is there."""
    if name == "load":
        from analysis.runs import load

        return load
    raise AttributeError(f"module 'analysis' has no attribute '{name}'")
