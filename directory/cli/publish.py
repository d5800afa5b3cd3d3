"""`hearth publish`: put what this node vouches for into its log."""

from dataclasses import asdict
from pathlib import Path

import click
from msgspec.json import Decoder

from directory.cli.common import Hearth, command
from directory.records.publishing.service import publish_register
from directory.records.publishing.withdrawing import publish_again
from directory.records.release.service import hand_in
from federation import hold, own_log, publish_log, reading, writing
from protocols.encoding import decode_json
from protocols.entries import MAX_RECORD
from protocols.profiles import Profile
from protocols.records import Home

_ANY: Decoder[dict[str, object]] = Decoder(dict)

_HANDED_IN: Decoder[Home | Profile] = Decoder(Home | Profile)


@click.command()
@click.option(
    "--again", metavar="RECORD", multiple=True, help="Also what was retired or erased: home/URN."
)
@click.option(
    "--record",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Hand in what this file holds, JSON as in home/1 or profile/1, instead.",
)
@command
def publish(hearth: Hearth, again: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Publish the homes in this node's area, and who runs them.

    Only what is new, changed or gone since the last time goes into the log. A home that is handed
    in with --record, with words that are new, waits until somebody else has released it: 'hearth
    releases'. Words that name a child, or lead to a home's door, are refused.
    """
    if files and again:
        raise click.UsageError("Use --again without --record: the register publishes it again.")
    if files:
        _hand_in(hearth, files)
        return
    with hearth.node() as node:
        with hearth.err.status("Publishing …"):
            with writing(node.node_db) as connection:
                hold(connection, "publish")
                for record in again:
                    publish_again(connection, node, hearth.who, record)
                done = publish_register(connection, node)
            entries = publish_log(node)
        with reading(node.node_db) as connection:
            log = own_log(connection)
    size = log.size if log else 0
    nothing = not (done.homes or done.providers or done.unchanged or done.withheld)
    undated = (
        f"{done.undated:,} more are not published, because no list has said since when they are "
        "registered: import one that does.\n"
        if done.undated
        else ""
    )
    withheld = (
        f"{done.withheld:,} more are not, because somebody has retired or erased them: --again "
        "publishes one.\n"
        if done.withheld
        else ""
    )
    hint = (
        "There is no home in this node's area on any list: run 'hearth import ofsted' first."
        if nothing
        else "Next: 'hearth run', while it runs, tells the other nodes by itself."
    )
    hearth.answer(
        asdict(done) | {"entries": entries, "log_size": size},
        f"Published {done.homes:,} homes and {done.providers:,} providers; {done.unchanged:,} were "
        f"published just so before, and {done.retired:,} were retired. This node's log has "
        f"{size:,} entries.\n{undated}{withheld}{hint}",
    )


def _hand_in(hearth: Hearth, files: tuple[Path, ...]) -> None:
    records = [_record(read_record(file), file.name) for file in files]
    with hearth.node() as node:
        with writing(node.node_db) as connection:
            done = hand_in(connection, node, hearth.who, records)
        publish_log(node)
    said = f"Published {done.published:,} records; {done.unchanged:,} were as published before."
    if done.waiting:
        said += (
            f" {len(done.waiting):,} wait until somebody else has released them: 'hearth releases' "
            "or the page 'Waiting for release'."
        )
    hearth.answer(asdict(done), said)


def _record(data: bytes, name: str) -> Home | Profile:
    """A home, or a profile without members that only a reader may meet."""
    record = decode_json(data, _HANDED_IN, name)
    known = {"schema", *Profile.__struct_fields__}
    if isinstance(record, Profile) and decode_json(data, _ANY, name).keys() - known:
        raise click.UsageError(
            f"{name} has members that profile/1 does not have. Nothing was handed in."
        )
    return record


def read_record(file: Path) -> bytes:
    """The bytes of a file, no more than a record can have."""
    with file.open("rb") as opened:
        data = opened.read(MAX_RECORD + 1)
    if len(data) > MAX_RECORD:
        raise click.UsageError(f"{file} is longer than a record can be. Nothing was handed in.")
    return data
