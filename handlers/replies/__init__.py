"""Answers by SMS: from known numbers, each taken once."""
