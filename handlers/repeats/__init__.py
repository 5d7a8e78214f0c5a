"""Requests that come again with the same Idempotency-Key."""
