"""Telephone calls: what gateways say of them, and the keys that people press."""
