"""Children's guides: what a child may know of a home, in plain words and pictures of the inside."""
