"""What people write in versions: drafts, saved, looked back at, restored."""
