"""How a node and its peers are, for whoever looks after it."""
