"""Policies: written, changed and restored from Slack."""
