"""Alerts: how they come in, and what they open."""
