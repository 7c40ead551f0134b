"""Storage: what goes in, what comes out, and whose energy it is; pure."""
