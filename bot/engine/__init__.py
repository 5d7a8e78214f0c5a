"""Time: due rows become effects."""
