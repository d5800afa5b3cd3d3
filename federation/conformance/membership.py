"""Acting as a member of a charter of which the node that is tried is a member, too."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from federation.errors import NoSuchMember
from federation.keystore import NODE, KeyStore
from federation.node import first_held, read_member
from federation.peers import sign_assertion
from protocols.charter import Charter, Member
from protocols.keys import PrivateKey, Purpose


@dataclass(frozen=True)
class Membership:
    """The charter, who we are in it with which keys, and which member is tried."""

    charter: Charter
    us: Member
    keys: KeyStore
    tried: Member

    def signing_key(self) -> PrivateKey:
        """The key that signs what our authority writes."""
        named = self.charter.authority_keys(self.sender, Purpose.SIGNING).values()
        return first_held(named, self.keys.keys(self.sender, Purpose.SIGNING))

    def access_key(self) -> PrivateKey:
        """The key that says who we are."""
        return first_held(self.us.keys_for(Purpose.ACCESS), self.keys.keys(NODE, Purpose.ACCESS))

    @property
    def sender(self) -> str:
        """The authority in whose name we write."""
        return self.us.authorities[0].gss

    @property
    def recipient(self) -> str:
        """The authority to which we write."""
        return self.tried.authorities[0].gss

    def assertion(self, now: datetime, *, key: PrivateKey | None = None, **changes: object) -> str:
        """An assertion for a token of the node that is tried; wrong in what `changes` says."""
        return sign_assertion(
            key or self.access_key(),
            self.us.node,
            f"{self.tried.url}/token",
            now,
            changes,
        )


def membership(folder: Path, charter: Charter, tried: Member) -> Membership:
    """Membership with the keys in a node's data directory, of which only `member.json` and `keys`
    are read. Raises NotInitialised, UnsafeKeys, or NoSuchMember when the charter names no such
    member, or only the one that is tried.
    """
    us, keys = read_member(folder), KeyStore(folder / "keys")
    named = charter.member(us.node)
    if named is None or named == tried:
        raise NoSuchMember(f"the charter names no other member {us.node}, whose keys {folder} has")
    keys.check(named)
    if not (named.authorities and tried.authorities):
        raise NoSuchMember(f"{us.node} and {tried.node} need to serve an authority each")
    return Membership(charter, named, keys, tried)
