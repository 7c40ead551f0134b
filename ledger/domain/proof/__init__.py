"""Proofs of retirements that anyone can check without this registry."""
