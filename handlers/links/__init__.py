"""Links in SMS and e-mail that act without Slack."""
