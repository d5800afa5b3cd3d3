"""What a list changed, as rows of a table for people: `directory.exports` makes CSV of them."""

from collections.abc import Iterator

from directory.exports import Cell
from directory.records.ofsted.changes import Changes

HEADINGS = ("Change", "URN", "Before", "After")


def change_rows(changes: Changes) -> Iterator[tuple[Cell, ...]]:
    """A row for each registration that joined or left, and for each change of another."""
    yield from (("joined", urn, None, None) for urn in changes.joined)
    yield from (("left", urn, None, None) for urn in changes.left)
    yield from (("listed again", urn, None, None) for urn in changes.returned)
    for kind, those in (
        ("moved to another authority", changes.moves),
        ("authority merged or divided", changes.reorganised),
        ("owner", changes.owner),
        ("places", changes.places),
        ("judgement", changes.judgement),
        ("status", changes.status),
    ):
        yield from ((kind, one.urn, one.before, one.after) for one in those)
