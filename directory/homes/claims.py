"""A home in JSON, for scripts and systems: what one node's log says of it, and who vouches."""

from directory.homes.service import FoundHome


def as_json(found: FoundHome) -> dict[str, object]:
    """A claim: the record, and whose it is since when."""
    return {
        "record": found.record,
        "profile": found.profile.record if found.profile else None,
        "profile_entry": found.profile.entry if found.profile else None,
        "profile_published_at": found.profile.published_at if found.profile else None,
        "authority_name": found.authority_name,
        "region": found.region,
        "node": found.node,
        "entry": found.entry,
        "published_at": found.published_at,
        "contested": found.contested,
    }
