"""The pages of children's guides: to write one and make links to it, and to read it as a child."""
