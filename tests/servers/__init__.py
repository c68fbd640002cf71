"""Real servers and processes for tests, started by the launcher's own code."""
