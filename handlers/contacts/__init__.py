"""How people are reached: changed by themselves, and proved by a code."""
