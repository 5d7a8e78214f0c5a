"""What comes in: per feature, its doors (Slack, HTTP) and the use cases they lead to."""
