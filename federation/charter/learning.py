"""Learning of a new charter from other members, who serve theirs to anybody.

What they say is not trusted: each version is verified with the one before, from the founding
charter on. Whoever asks needs no token, so this is how a newcomer gets the whole chain, too.
"""

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from federation.charter.adoption import adopt_successor
from federation.charter.chain import Kept, follow_on, read_chain
from federation.client import PeerClient
from federation.errors import FederationError, PeerUnreachable
from federation.node import Node
from protocols.charter import Member, charter_digest, decode_charter
from protocols.errors import CharterRefused, ProtocolError
from protocols.note import MAX_NOTE

MOST_AT_ONCE = 100


def learn_charter(node: Node, member: Member) -> int:
    """Ask a member for its charter, and keep to what follows ours; gives how many versions came.

    Raises what `adopt_successor` does, or a FederationError when the member does not answer.
    """
    client = PeerClient(member.url, ca_bundle=node.ca_bundle)
    try:
        latest = client.get("charter", limit=MAX_NOTE)
        ours = node.charters.latest
        theirs = decode_charter(latest).version
        if charter_digest(latest) == ours.digest or theirs < ours.charter.version:
            return 0
        came = 0
        for version in range(
            ours.charter.version + 1, min(theirs, ours.charter.version + MOST_AT_ONCE) + 1
        ):
            note = latest if version == theirs else client.get(f"charter/{version}", limit=MAX_NOTE)
            if decode_charter(note).previous != node.charters.latest.digest:
                # They keep to another version of the same number as ours: a rival, if it is valid.
                number = node.charters.latest.charter.version
                adopt_successor(node, client.get(f"charter/{number}", limit=MAX_NOTE))
            came += adopt_successor(node, note)
        if theirs == ours.charter.version:
            adopt_successor(node, latest)
        return came
    finally:
        client.close()


def fetch_chain(kept: Sequence[Kept], ca_bundle: Path | None) -> bytes:
    """The chain that goes on from one of which a newcomer has the beginning, as its members serve
    it: the longest that verifies.

    Raises PeerUnreachable when no member answers.
    """
    longest, answered = list(kept), False
    for member in kept[-1].charter.members:
        client, theirs = PeerClient(member.url, ca_bundle=ca_bundle), list(kept)
        # What is verified counts, whatever comes after it.
        with closing(client), suppress(FederationError, ProtocolError):
            latest = decode_charter(client.get("charter", limit=MAX_NOTE)).version
            answered = True
            while (version := theirs[-1].charter.version + 1) <= latest:
                note = client.get(f"charter/{version}", limit=MAX_NOTE)
                theirs.append(follow_on(theirs[-1], note))
        longest = max(longest, theirs, key=len)
    if not answered:
        raise PeerUnreachable("no member that the charter names gives its charter: try again later")
    return b"".join(one.note for one in longest)


def fetch_charter(url: str, digest: str, ca_bundle: Path | None) -> bytes:
    """The chain of charters from nothing: the founding one, of which a person knows the digest,
    from the member at `url`, and what follows it from whoever has most.

    Raises CharterRefused when the member shows another founding charter, PeerUnreachable.
    """
    client = PeerClient(url, ca_bundle=ca_bundle)
    try:
        founding = client.get("charter/1", limit=MAX_NOTE)
    finally:
        client.close()
    if charter_digest(founding) != digest:
        raise CharterRefused(
            f"the founding charter at {url} has the digest {charter_digest(founding)}, and not the "
            "one that was given: compare it with another member"
        )
    return fetch_chain(read_chain(founding), ca_bundle)
