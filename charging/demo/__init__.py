"""The demo: a real wind turbine's year and a real council's charging sessions."""

from charging.demo.year import DemoResult, play

__all__ = ["DemoResult", "play"]
