"""Records on their way into the log: from lists, by hand, released by a second person."""
