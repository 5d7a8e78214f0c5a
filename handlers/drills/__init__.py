"""Drills: started, stopped, looked back at."""
