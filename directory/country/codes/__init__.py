"""The published code list: what a home can offer and a child need, in one set of words."""
