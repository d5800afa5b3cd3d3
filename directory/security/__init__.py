"""Who may do what, what is sealed, and what is noted of it."""
