"""Policies judged: what one lacks, and whom it would page."""
