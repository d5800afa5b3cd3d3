"""A node that has lost its log, or has an old copy of it, reads it back from the other members."""
