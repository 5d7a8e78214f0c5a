"""Teams: read by everybody, written by admins."""
