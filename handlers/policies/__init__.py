"""Escalation policies: judged, foretold, shown."""
