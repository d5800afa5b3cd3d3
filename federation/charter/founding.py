"""Founding a consortium: the members' own descriptions, put under one charter and signed."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from protocols.charter import Charter, Group, Member, Rules, sign_charter
from protocols.keys import SEED_SIZE, PrivateKey, Purpose
from protocols.note import NoteSigner

MAX_ENTRIES_PER_LOG = 10_000_000
LIFE = timedelta(days=400)


def new_charter_key(holder: str) -> NoteSigner:
    """A charter key, to be kept offline. `holder` names the key, such as `leeds/charter`."""
    return NoteSigner(holder, PrivateKey(Purpose.CHARTER, secrets.token_bytes(SEED_SIZE)))


def found_charter(
    name: str,
    members: Sequence[Member],
    groups: Mapping[str, Sequence[str]],
    signers: Sequence[NoteSigner],
    now: datetime,
    witness_policy: str = "",
) -> bytes:
    """The founding charter as a signed note, by every signer. `groups` maps names to GSS codes."""
    charter = Charter(
        v=1,
        name=name,
        version=1,
        previous=None,
        expires=(now + LIFE).replace(microsecond=0),
        members=tuple(members),
        groups=tuple(Group(group, tuple(codes)) for group, codes in groups.items()),
        rules=Rules(max_entries_per_log=MAX_ENTRIES_PER_LOG),
        witness_policy=witness_policy,
        charter_keys=tuple(signer.verifier.vkey for signer in signers),
    )
    return sign_charter(charter, list(signers))
