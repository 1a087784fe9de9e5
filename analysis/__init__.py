"""Gossamer's analysis: reads traces, never the engine. One page: README.md."""
