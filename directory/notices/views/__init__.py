"""The pages of the two authorities: the one that places a child, and the one of the area."""
