"""What stands in the way of pages, and who is told."""
