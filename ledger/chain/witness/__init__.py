"""Somebody else's copy of the chain: fetched, executed again, and co-signed."""
