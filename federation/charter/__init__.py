"""The charter that a node keeps to: its chain, founding one, adopting and learning the next."""
