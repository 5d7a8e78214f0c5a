"""People: read by everybody, written by admins."""
