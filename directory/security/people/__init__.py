"""People with accounts on this node: who they are, how they sign in, and what they may do."""
