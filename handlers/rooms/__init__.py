"""War rooms: wanted, opened by hand."""
