"""The API's own description, for programs and for people."""
