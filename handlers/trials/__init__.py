"""Pages that people try out on themselves."""
