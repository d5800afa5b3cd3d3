"""Subject access: all that one authority holds here about one child, for who has to answer."""
