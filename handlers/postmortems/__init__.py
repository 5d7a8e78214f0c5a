"""Post-mortems: what is learned from incidents, and what is done about it."""
