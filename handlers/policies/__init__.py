"""Escalation policies: who is paged, when and how."""
