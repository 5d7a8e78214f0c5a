"""What Slack sends again: taken once."""
