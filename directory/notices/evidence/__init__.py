"""Evidence that a notice was delivered, and when at the latest, for an outsider to check alone."""
