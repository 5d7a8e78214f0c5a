"""Readers: the language that each Slack user has set in Slack, whether the catalog knows them or not."""
