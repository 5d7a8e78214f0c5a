"""Services: read by everybody, written by admins."""
