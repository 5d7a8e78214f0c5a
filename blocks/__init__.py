"""Words and shapes: domain values in, Block Kit or text out."""
