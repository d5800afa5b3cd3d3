"""Out-of-area notices between a placing authority and the authority of the area."""
