"""What is true: the rules of incidents, escalations, runbooks and people, with no I/O."""
