"""The catalog as YAML: people, teams, services, runbooks and policies, in and out."""
