"""Whether Vigie lives, and whether it is able to page."""
