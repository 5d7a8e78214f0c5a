"""Home: what each person finds when they open the app."""
