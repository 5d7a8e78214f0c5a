"""How fast, as a ratio to what this machine can do."""
