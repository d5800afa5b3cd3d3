"""Who may be asked for a document, and be given one: authorities of active members."""

from federation import Node


def in_good_standing(node: Node, authority: str) -> bool:
    """Whether an active member of the charter serves an authority."""
    served = node.charter.serving(authority)
    return served is not None and served[0].status == "active"
