"""Sources that say that they live: taken in, and missed when they are silent."""
