"""Storms: what is held for whom, and the messages for many pages."""
