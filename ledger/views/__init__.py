"""Addresses for programs that follow the chain."""
