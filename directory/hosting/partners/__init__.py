"""Partners of an authority, who are told of children placed in its area what they may see."""
