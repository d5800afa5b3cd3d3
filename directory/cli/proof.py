"""`hearth proof`: an offline proof that a record was published; and checking one."""

from collections.abc import Mapping
from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.cli.trust import FILE, read_trust, trust_options
from directory.cli.verify import cosigned_as_json, cosigned_in_words
from directory.errors import DirectoryError
from directory.homes.places import HOME, places
from federation import FollowedLog, Trust, prove, reading, write_private
from protocols.encoding import b64
from protocols.entries import Entry, check_blob, decode_entry
from protocols.errors import Malformed, UnknownSchema
from protocols.proof import Proof, check_proof, decode_proof
from protocols.records import decode_record

_NEW = click.Path(dir_okay=False, path_type=Path)
_NOT_SHOWN = (
    "Not shown: that it is still current, for a later entry may replace, retire or erase it; that "
    "what it says is true; and what the entry itself says of its time."
)


class NoSuchRecord(DirectoryError):
    """What is to be proved is not published, or by several nodes."""


@click.command()
@click.argument("record", required=False)
@click.option("--node", "author", metavar="NAME", help="In whose log, where several claim it.")
@click.option("--out", type=_NEW, help="Where to write the proof. [default: RECORD.tlog-proof]")
@click.option("--check", type=FILE, help="Check this proof instead, with no network.")
@click.option(
    "--record",
    "payload",
    type=_NEW,
    help="A file for the record's payload: to write, or with --check to compare.",
)
@trust_options
@command
def proof(
    hearth: Hearth,
    record: str | None,
    author: str | None,
    out: Path | None,
    check: Path | None,
    payload: Path | None,
    keys: tuple[str, ...],
    charter_file: Path | None,
    policy: Path | None,
) -> None:
    """Prove offline that a record was published, or check that.

    RECORD is a home's URN, or 'provider/' and a provider's registered name. The proof (C2SP
    tlog-proof) leads from the log's entry to a checkpoint that the log's key signed, and witnesses
    cosigned. It says nothing of what the record says; its payload, 32 random bytes and the record,
    is for members, and goes into a file of its own.
    """
    if (record is None) == (check is None):
        raise click.UsageError("Give the URN of a home to prove, or --check and a proof.")
    if check:
        _check(hearth, check, payload, read_trust(hearth, keys, charter_file, policy))
        return
    if keys or charter_file or policy:
        raise click.UsageError("--key, --charter and --policy are for --check.")
    name = str(record).removeprefix(HOME)
    _write(hearth, name, author, out or Path(f"{name.replace('/', '-')}.tlog-proof"), payload)


def _write(hearth: Hearth, name: str, author: str | None, out: Path, payload: Path | None) -> None:
    for path in (out, payload):
        if path and path.exists():
            raise click.UsageError(f"{path} exists, and is not overwritten. Name another file.")
    with hearth.node() as node, reading(node.replica) as connection:
        log, index = _place(places(connection, name), name, author)
        proved = prove(connection, log, index)
    out.write_bytes(proved.proof)
    if payload:
        write_private(payload, proved.payload or b"")
    hearth.answer(
        {
            "proof": str(out),
            "payload": str(payload) if payload else None,
            "node": log.node,
            "origin": log.origin,
            "index": index,
        },
        f"Wrote {out}: that entry {index} of {log.origin}, the record of {name}, is in that log.\n"
        f"Next: whoever has it and the charter checks it, with no network: 'hearth proof --check "
        f"{out} --charter FILE'.",
    )


def _place(
    found: Mapping[str, tuple[FollowedLog, int]], name: str, author: str | None
) -> tuple[FollowedLog, int]:
    if author is None and len(found) > 1:
        nodes = ", ".join(sorted(found))
        raise NoSuchRecord(f"Several nodes vouch for {name}: {nodes}. Say which, with --node.")
    for node, place in found.items():
        if author in (None, node):
            return place
    raise NoSuchRecord(
        f"No log that this node has verified has a current record of {name}"
        f"{f' by {author}' if author else ''}. Run 'hearth sync', or look for it with 'hearth "
        "search'."
    )


def _check(hearth: Hearth, file: Path, payload: Path | None, trust: Trust) -> None:
    one = decode_proof(file.read_bytes())
    head = trust.open(one.checkpoint)
    checkpoint = check_proof(one, trust.verifiers(head.checkpoint))
    entry = _entry(one)
    schema = None
    if payload:
        if entry is None or entry.op != "publish":
            raise Malformed("the proof is for an entry that publishes nothing")
        schema = _schema(check_blob(entry, payload.read_bytes()))
    hearth.answer(
        {
            "sound": True,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": b64(checkpoint.root),
            "index": one.index,
            "digest": entry.digest if entry else None,
            "record": schema,
            **cosigned_as_json(head),
        },
        "\n".join(
            (
                f"Proved: these {len(one.entry)} bytes are entry {one.index} of the log "
                f"{checkpoint.origin}, which had {checkpoint.size:,} entries when it was signed.",
                _what(entry, payload, schema),
                cosigned_in_words(head),
                _NOT_SHOWN,
            )
        ),
    )


def _what(entry: Entry | None, payload: Path | None, schema: str | None) -> str:
    if entry is None:
        return "They are no entry of this protocol."
    if entry.op != "publish":
        return f"The entry is to {entry.op} {', '.join(map(str, entry.earlier))}."
    said = f"The entry publishes a payload of {entry.size:,} bytes with the digest {entry.digest}"
    if payload:
        return f"{said}: it is the one in {payload}, a record of {schema}."
    return f"{said}. Which record that is was not compared: give its payload with --record."


def _entry(one: Proof) -> Entry | None:
    try:
        return decode_entry(one.entry, one.index)
    except Malformed:
        return None


def _schema(record: bytes) -> str:
    try:
        return str(type(decode_record(record)).__struct_config__.tag)
    except UnknownSchema:
        return "a schema that this software does not know"
