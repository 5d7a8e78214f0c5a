"""Transports: a rendered message in, the provider's reference out, or `DeliveryError`. They never retry."""
