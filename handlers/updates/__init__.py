"""Status updates: told, reminded of, and sent to stakeholders."""
