"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them are enough.

Names are opaque octets. They are held as text in which octets that are no UTF-8 stand as halves of
surrogate pairs (PEP 383), so that any two names differ that differ in the file.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from protocols.checkpoint import Checkpoint, parse_checkpoint
from protocols.cosignature import Cosignature, Cosigner, cosignatures
from protocols.errors import Malformed, QuorumMissing, UnknownKey
from protocols.keys import Purpose
from protocols.note import NoteVerifier, ParsedNote, open_note, parse_note

MAX_POLICY = 65_536
NONE = "none"
_OUTSIDE = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_BLANK = re.compile(r"[ \t]+")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log line. The verifier's name is the log's origin."""

    verifier: NoteVerifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness line: a name that means something in this policy alone, the key, where to ask."""

    name: str
    cosigner: Cosigner
    url: str | None = None

    @property
    def line(self) -> str:
        """The line, without its newline."""
        return " ".join(("witness", self.name, self.cosigner.vkey, *_given(self.url)))


@dataclass(frozen=True, slots=True)
class Group:
    """A group line: at least `threshold` of the members, witnesses or earlier groups."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. `quorum` names a witness or group, or is NONE. Made by `parse_policy`."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def is_satisfied(self, cosigners: Collection[Cosigner]) -> bool:
        """Whether cosignatures by these witnesses are a quorum."""
        witnessed = {one.name for one in self.witnesses if one.cosigner in cosigners} | {NONE}
        for group in self.groups:
            if len(witnessed.intersection(group.members)) >= group.threshold:
                witnessed.add(group.name)
        return self.quorum in witnessed

    def encode(self) -> bytes:
        """The policy as a file."""
        lines = [" ".join(("log", one.verifier.vkey, *_given(one.url))) for one in self.logs]
        lines += [one.line for one in self.witnesses]
        lines += [" ".join(("group", g.name, str(g.threshold), *g.members)) for g in self.groups]
        lines.append(f"quorum {self.quorum}")
        return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


def require_quorum(note: bytes | ParsedNote, policy: Policy) -> tuple[Cosignature, ...]:
    """The cosignatures of a checkpoint by the policy's witnesses, when they are a quorum.

    Raises QuorumMissing, BadSignature or Malformed. The log's own signature is not looked at.
    """
    found = cosignatures(note, (one.cosigner for one in policy.witnesses))
    have = {one.cosigner for one in found}
    if not policy.is_satisfied(have):
        missing = [one.name for one in policy.witnesses if one.cosigner not in have]
        raise QuorumMissing(
            f"checkpoint: cosigned by {len(have)} of {len(policy.witnesses)} witnesses, which is "
            f"not the quorum; without: {', '.join(map(ascii, missing))[:300]}"
        )
    return found


def open_under_policy(note: bytes, policy: Policy) -> tuple[Checkpoint, tuple[Cosignature, ...]]:
    """A checkpoint signed by one of the policy's logs and cosigned by its quorum.

    Raises UnknownKey, BadSignature, QuorumMissing or Malformed.
    """
    parsed = parse_note(note)
    checkpoint = parse_checkpoint(parsed.text)
    logs = [one.verifier for one in policy.logs if one.verifier.name == checkpoint.origin]
    if not logs:
        raise UnknownKey("checkpoint: of a log that the policy does not name")
    open_note(note, logs)
    return checkpoint, require_quorum(parsed, policy)


@lru_cache(maxsize=32)
def parse_policy(data: bytes) -> Policy:
    """Read a policy file; raises Malformed for what the document does not allow.

    Logs have keys of type 0x01, witnesses of type 0x04; policies with others are refused.
    """
    if len(data) > MAX_POLICY:
        raise Malformed(f"policy: more than {MAX_POLICY} bytes")
    if outside := _OUTSIDE.search(data):
        raise Malformed(f"policy: the octet 0x{outside[0].hex()} stands in it")
    reading = _Reading()
    for number, line in enumerate(data.decode(errors="surrogateescape").split("\n"), start=1):
        items = [item for item in _BLANK.split(line) if item]
        if items and not items[0].startswith("#"):
            try:
                reading.take(items[0], items[1:])
            except Malformed as error:
                raise Malformed(f"policy: line {number}: {error}") from None
    if reading.quorum is None:
        raise Malformed("policy: needs one quorum line")
    return Policy(
        tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum
    )


class _Reading:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, keyword: str, items: list[str]) -> None:
        match keyword, items:
            case "log", [vkey, *url] if len(url) < 2:
                self._log(NoteVerifier.from_vkey(vkey, Purpose.LOG), *url)
            case "witness", [name, vkey, *url] if len(url) < 2:
                self._witness(name, Cosigner.of_vkey(vkey), *url)
            case "group", [name, threshold, *members] if members:
                self._group(name, threshold, members)
            case "quorum", [name]:
                self._quorum(name)
            case _:
                raise Malformed("is no log, witness, group or quorum line")

    def _log(self, verifier: NoteVerifier, url: str | None = None) -> None:
        if any(one.verifier.key.raw == verifier.key.raw for one in self.logs):
            raise Malformed("the key of a log that stands above")
        self.logs.append(PolicyLog(verifier, url))

    def _witness(self, name: str, cosigner: Cosigner, url: str | None = None) -> None:
        if any(one.cosigner.key.raw == cosigner.key.raw for one in self.witnesses):
            raise Malformed("the key of a witness that stands above")
        self._define(name)
        self.witnesses.append(Witness(name, cosigner, url))

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self._names:
                raise Malformed("a member that no line above defines")
            if member in self._members:
                raise Malformed("a member of a group for the second time")
            self._members.add(member)
        if threshold in ("all", "any"):
            count = len(members) if threshold == "all" else 1
        elif _NUMBER.fullmatch(threshold):
            count = int(threshold)
        else:
            raise Malformed("how many are needed is neither a number nor any nor all")
        if not 1 <= count <= len(members):
            raise Malformed(f"needs {count} of {len(members)} members")
        self._define(name)
        self.groups.append(Group(name, count, tuple(members)))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise Malformed("a second quorum")
        if name != NONE and name not in self._names:
            raise Malformed("a quorum that no line above defines")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self._names:
            raise Malformed("a name that is taken")
        self._names.add(name)


def _given(url: str | None) -> tuple[str, ...]:
    return () if url is None else (url,)
