"""People drawn by a program: data for the demonstration and the tests, with a known truth."""
