"""The pages of telling: the authority's own, and a letter by a link."""
