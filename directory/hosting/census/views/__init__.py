"""The pages of a census: the authority's, the home's staff's, and that of whoever has a link."""
