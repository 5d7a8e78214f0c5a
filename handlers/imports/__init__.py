"""Moving in: what other on-call tools exported, as Vigie's files."""
