"""Schema of the two databases, step by step."""
