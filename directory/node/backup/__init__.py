"""One file with all that a node cannot get back from the others, and the way back from it."""
