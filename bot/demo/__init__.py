"""The outside world, small: real protocols on loopback for the demo and for the tests."""
