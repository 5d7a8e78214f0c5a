"""Runbooks: the runs in incident threads."""
