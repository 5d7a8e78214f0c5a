"""What each source sends, as alerts: pure, one file a source."""
