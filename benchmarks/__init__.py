"""How fast the registry is on this machine: `python -m benchmarks`, or one by its name."""
