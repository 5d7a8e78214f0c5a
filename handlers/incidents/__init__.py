"""Incidents: what people do to them."""
