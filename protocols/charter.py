"""The charter: who is a member, with which keys, for which authorities; and the founding one.

A charter is a signed note. Its text is one line of JSON in canonical form; its signatures are by
charter keys, which are kept offline. The founding charter (version 1) is valid when more than half
of the charter keys that it names have signed it. What makes a later version valid is in
`protocols.succession`.
"""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import Decoder

from protocols.charter_erasures import MAX_ERASED, ErasedPayload, check_erased
from protocols.encoding import b64url, decode_canonical, encode_canonical, require_utc
from protocols.errors import CharterRefused, Expired, Malformed
from protocols.keys import PublicKey, Purpose, check_purpose
from protocols.kinds import Gss, Line
from protocols.members import Key, Member, Name, Pin, ServedAuthority, Url, check_member
from protocols.note import MAX_NOTE, NoteSigner, NoteVerifier, open_note, sign_note
from protocols.policy import NONE, Policy, parse_policy

__all__ = [
    "Charter",
    "ErasedPayload",
    "Group",
    "Key",
    "Member",
    "Name",
    "Pin",
    "Rules",
    "ServedAuthority",
    "Url",
    "charter_digest",
    "check_charter",
    "check_expiry",
    "decode_charter",
    "open_founding_charter",
    "sign_charter",
    "signatures",
    "verify_founding_charter",
]

MAX_WITNESSES = 15
VACANCY_DAYS = 7
"""For so many days a vacancy counts where the charter says nothing else."""
MAX_VACANCY_DAYS = 28
MAX_DEADLINE_DAYS = 60


DeadlineDays: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_DEADLINE_DAYS)]


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """A sub-region, region or nation: authorities that act together."""

    name: Line
    authorities: tuple[Gss, ...]


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """What all members keep to: the most entries that one log may hold, and for how many days a
    vacancy counts that nobody confirms; and in how many working days a notice of a placement, one
    of its ending, and an acknowledgement are due at the latest, where that is sooner than the law.
    """

    max_entries_per_log: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    vacancy_days: Annotated[int, Meta(ge=1, le=MAX_VACANCY_DAYS)] | UnsetType = UNSET
    notice_days: DeadlineDays | UnsetType = UNSET
    ending_days: DeadlineDays | UnsetType = UNSET
    acknowledgement_days: DeadlineDays | UnsetType = UNSET

    @property
    def days_of_vacancies(self) -> int:
        """The same, where the charter does not say it."""
        return VACANCY_DAYS if self.vacancy_days is UNSET else self.vacancy_days


class Charter(Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the charter. `previous` is the digest of the version before; founding has none.

    `witness_policy` is the committee as a C2SP tlog-policy text; empty when there is none.
    `expires` is in UTC. What a version has `erased` stays so, whatever the next one says.
    """

    v: Literal[1]
    name: Line
    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    previous: str | None
    expires: datetime
    members: tuple[Member, ...]
    groups: tuple[Group, ...]
    rules: Rules
    witness_policy: str
    charter_keys: Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]
    erased: (
        Annotated[tuple[ErasedPayload, ...], Meta(min_length=1, max_length=MAX_ERASED)] | UnsetType
    ) = UNSET

    def __post_init__(self) -> None:
        require_utc(self.expires)

    @property
    def payloads_erased(self) -> tuple[ErasedPayload, ...]:
        """The payloads that this version says to destroy; none in most."""
        return () if self.erased is UNSET else self.erased

    @property
    def committee(self) -> Policy | None:
        """The witnesses, and how many must have cosigned a checkpoint; None without any."""
        return parse_policy(self.witness_policy.encode()) if self.witness_policy else None

    def member(self, node: str) -> Member | None:
        """The member of this name."""
        return next((member for member in self.members if member.node == node), None)

    def serving(self, gss: str) -> tuple[Member, ServedAuthority] | None:
        """The member that serves an authority, and that authority's keys."""
        for member in self.members:
            for authority in member.authorities:
                if authority.gss == gss:
                    return member, authority
        return None

    def authority_keys(self, gss: str, purpose: Purpose) -> dict[str, PublicKey]:
        """An authority's message keys for a purpose, by key id; empty if it is no member's."""
        served = self.serving(gss)
        keys = (key.key for key in served[1].keys if key.purpose is purpose) if served else ()
        return {key.kid: key for key in keys}


_charter = Decoder(Charter)


def sign_charter(charter: Charter, signers: list[NoteSigner]) -> bytes:
    """The charter as a signed note; refuses to sign one that contradicts itself."""
    for signer in signers:
        check_purpose(signer.key, Purpose.CHARTER)
    check_charter(charter)
    return sign_note(encode_canonical(charter, _charter, "charter").decode() + "\n", signers)


def charter_digest(note: bytes) -> str:
    """What a successor names as `previous`, and what people compare by voice."""
    return b64url(sha256(note.rpartition(b"\n\n")[0] + b"\n").digest())


def open_founding_charter(note: bytes, now: datetime) -> Charter:
    """Verify a founding charter alone, from nothing; raises Expired when it is past its time.

    Otherwise raises what `verify_founding_charter` does.
    """
    charter = verify_founding_charter(note)
    check_expiry(charter, now)
    return charter


def verify_founding_charter(note: bytes) -> Charter:
    """Verify a founding charter alone, from nothing, whatever the time.

    Raises Malformed, BadSignature, UnknownKey or CharterRefused (too few signatures, not version 1,
    or contradictory).
    """
    charter = decode_charter(note)
    if charter.version != 1 or charter.previous is not None:
        raise CharterRefused("charter: a founding charter is version 1 and has no predecessor")
    signed = signatures(note, charter.charter_keys)
    if 2 * len(signed) <= len(charter.charter_keys):
        raise CharterRefused(
            f"charter: {len(signed)} of {len(charter.charter_keys)} keys signed; needs a majority"
        )
    check_charter(charter)
    if charter.payloads_erased:
        raise CharterRefused("charter: a founding charter erases nothing; nothing is published yet")
    for member in charter.members:
        if any(key.since or key.until is not None for key in member.keys):
            raise CharterRefused(f"charter: {member.node}: a founding charter's keys have no range")
    return charter


def decode_charter(note: bytes) -> Charter:
    """What a note says that should be a charter; nothing is verified. Raises Malformed."""
    if len(note) > MAX_NOTE:
        raise Malformed(f"charter: more than {MAX_NOTE} bytes")
    return decode_canonical(note.rpartition(b"\n\n")[0], _charter, "charter")


def signatures(note: bytes, vkeys: tuple[str, ...]) -> frozenset[bytes]:
    """Which of these charter keys signed a note, each by its 32 bytes.

    Raises Malformed, BadSignature or UnknownKey, as `open_note` does.
    """
    verifiers = [NoteVerifier.from_vkey(vkey, Purpose.CHARTER) for vkey in vkeys]
    return frozenset(verifier.key.raw for verifier in open_note(note, verifiers).signers)


def check_expiry(charter: Charter, now: datetime) -> None:
    """Raise Expired when a charter is past its time."""
    if now >= charter.expires:
        raise Expired("charter: has expired; ask the members for its successor")


def check_charter(charter: Charter) -> None:
    """Raise CharterRefused where a charter contradicts itself.

    One name, URL, origin, authority and key each; every purpose has its key and no other.
    """
    holders = [NoteVerifier.from_vkey(vkey, Purpose.CHARTER).key for vkey in charter.charter_keys]
    keys = [b64url(holder.raw) for holder in holders]
    for member in charter.members:
        check_member(member)
        keys += [key.public for _, key in member.every_key]
    keys += _witnesses_keys(charter)
    _check_unique("key", keys)
    _check_unique("node", [member.node for member in charter.members])
    _check_unique("URL", [member.url for member in charter.members])
    _check_unique("log origin", [member.origin for member in charter.members])
    gss = [authority.gss for member in charter.members for authority in member.authorities]
    _check_unique("authority", gss)
    _check_unique("group", [group.name for group in charter.groups])
    for group in charter.groups:
        if not set(group.authorities) <= set(gss):
            raise CharterRefused(f"charter: group {group.name} names an authority nobody serves")
    check_erased(charter.payloads_erased, {member.node for member in charter.members})


def _witnesses_keys(charter: Charter) -> list[str]:
    """The keys of the committee's witnesses, without those that a member has as its witness key.

    Raises CharterRefused for a committee that nobody can keep to.
    """
    try:
        committee = charter.committee
    except Malformed as error:
        raise CharterRefused(f"charter: its witness policy is not to be read: {error}") from error
    if committee is None:
        return []
    if committee.logs or committee.quorum == NONE:
        raise CharterRefused("charter: its witness policy names logs, or no quorum")
    if len(committee.witnesses) > MAX_WITNESSES:
        raise CharterRefused(f"charter: more than {MAX_WITNESSES} witnesses")
    for witness in committee.witnesses:
        try:
            msgspec.convert(witness.url, Url)
        except msgspec.ValidationError:
            raise CharterRefused(
                f"charter: the witness {witness.name!a} has no address in the form of a member's"
            ) from None
    members = {key for member in charter.members for key in member.keys_for(Purpose.WITNESS)}
    return [
        b64url(one.cosigner.key.raw)
        for one in committee.witnesses
        if one.cosigner.key not in members
    ]


def _check_unique(what: str, names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise CharterRefused(f"charter: the same {what} stands there twice: {', '.join(twice)}")
