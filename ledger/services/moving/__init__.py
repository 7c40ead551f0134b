"""Moving the registry to another chain: close the old one, carry its state over, compare."""
