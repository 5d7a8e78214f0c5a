"""Vigie's figures for Prometheus."""
