"""Bad days, drawn by lot from a seed: everything that Vigie stands on fails, at moments that nobody chose.

By hand, for longer or with other seeds: `python -m tests.bad_days --database postgresql --seed 7 --days 20`.
"""
