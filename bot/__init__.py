"""Vigie, the running thing: wiring, time, transports, command line and demo."""
