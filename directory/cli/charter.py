"""`hearth charter`: found a consortium, keep to its charter, and change it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from directory.cli.charter_propose import propose
from directory.cli.charter_sign import sign
from directory.cli.common import Hearth, command
from directory.node.charters.errors import UnusableFile
from directory.node.charters.files import read_description, write_key
from directory.node.charters.wording import deadlines
from directory.security.audit.service import note
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.settings import read_settings
from federation import (
    NoSuchMember,
    adopt_charter,
    adopt_successor,
    charter_warnings,
    charters_aside,
    fetch_chain,
    found_charter,
    new_charter_key,
    read_chain,
    reading,
    split_chain,
    writing,
)
from protocols.charter import Charter, charter_digest
from protocols.errors import ProtocolError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


@click.group()
def charter() -> None:
    """Found a consortium, keep to its charter, and change it.

    A charter changes by a successor: 'propose' drafts it, holders of charter keys 'sign' it, and
    one node that does 'adopt' it passes it on to all.
    """


charter.add_command(propose)
charter.add_command(sign)


@charter.command()
@click.argument("members", nargs=-1, required=True, type=_FILE)
@click.option("--name", required=True, help="Name of the consortium.")
@click.option("--out", required=True, type=_NEW, help="Where to write the charter.")
@click.option("--key-out", required=True, type=_NEW, help="Where to write the charter key.")
@click.option("--witnesses", type=_FILE, help="The committee, as a C2SP tlog-policy.")
@command
def found(
    hearth: Hearth,
    members: tuple[Path, ...],
    name: str,
    out: Path,
    key_out: Path,
    witnesses: Path | None,
) -> None:
    """Found a consortium of nodes.

    The files MEMBERS describe them: each is the member.json of a node. The charter key is drawn
    afresh; keep it offline. No data directory is needed.
    """
    for path in (out, key_out):
        _refuse_existing(path)
    described = [read_description(path) for path in members]
    signer = new_charter_key("founding-key")
    policy = witnesses.read_text("utf-8") if witnesses else ""
    note = found_charter(name, described, {}, [signer], datetime.now(UTC), policy)
    write_key(key_out, signer)
    out.write_bytes(note)
    hearth.answer(
        {
            "charter": str(out),
            "key": str(key_out),
            "digest": charter_digest(note),
            "members": len(described),
        },
        f"Founded {name} with {len(described)} nodes: {out}.\n"
        f"Digest, to compare by voice: {charter_digest(note)}\n"
        f"Take {key_out} offline now.\n"
        f"Next: give {out} to every member, who runs 'hearth charter adopt' with it.",
    )


@charter.command()
@click.argument("name")
@click.option("--out", required=True, type=_NEW, help="Where to write the key.")
@command
def key(hearth: Hearth, name: str, out: Path) -> None:
    """Draw a charter key called NAME, such as leeds/charter.

    Keep it offline. A charter that names its verifier key ('propose --add-signer') lets it sign the
    next. No data directory is needed.
    """
    _refuse_existing(out)
    signer = new_charter_key(name)
    vkey = signer.verifier.vkey
    write_key(out, signer)
    hearth.answer(
        {"key": str(out), "vkey": vkey},
        f"Verifier key, to be named in the charter: {vkey}\nTake {out} offline now.",
    )


@charter.command()
@command
def show(hearth: Hearth) -> None:
    """Print the charter, and what is to be done about it."""
    with hearth.node() as node:
        kept, said = node.charters.latest, charter_warnings(node)
        with reading(node.node_db) as connection:
            aside = [
                {"version": one.version, "digest": one.digest, "why": one.why}
                for one in charters_aside(connection)
            ]
    held = kept.charter
    members = [
        {"node": one.node, "url": one.url, "status": one.status, "reason": one.reason or None}
        for one in held.members
    ]
    hearth.answer(
        {
            "name": held.name,
            "version": held.version,
            "digest": kept.digest,
            "expires": held.expires,
            "members": members,
            "charter_keys": held.charter_keys,
            "vacancy_days": held.rules.days_of_vacancies,
            "deadlines": {owed: days for owed, days, _words in deadlines(held)},
            "aside": aside,
            "warnings": said,
        },
        "\n".join(
            [
                f"{held.name}, version {held.version}, until {held.expires:%d %B %Y}",
                f"digest {kept.digest}",
                *(
                    f"  {one['node']}  {one['url']}  {one['status']}"
                    + (f": {one['reason']}" if one["reason"] else "")
                    for one in members
                ),
                f"A vacancy that nobody confirms counts for {held.rules.days_of_vacancies} days.",
                *(words for _owed, _days, words in deadlines(held)),
            ]
        ),
    )


@charter.command()
@click.argument("file", type=_FILE)
@command
def adopt(hearth: Hearth, file: Path) -> None:
    """Verify the charter in FILE, and keep to it from now on.

    The first is a founding charter, or a whole chain that begins with one: a newcomer that only a
    later version names asks the members for those between. Then come successors.
    """
    data = file.read_bytes()
    try:
        adopted, digest = _adopt(hearth, data)
    except ProtocolError as error:
        raise UnusableFile(
            f"{file} is no charter that can be adopted ({error}). Nothing was changed; ask whoever "
            "founded the consortium for the charter."
        ) from error
    hearth.answer(
        {"name": adopted.name, "version": adopted.version, "digest": digest},
        f"This node keeps to the charter of {adopted.name}, version {adopted.version}, with "
        f"{len(adopted.members)} nodes.\nDigest, to compare by voice: {digest}\n"
        "Next: 'hearth run' starts the node; one that runs goes by it already.",
    )


def _adopt(hearth: Hearth, data: bytes) -> tuple[Charter, str]:
    """Keep to what is in a file; gives the latest version and its digest."""
    require(hearth.who, Action.RUN_NODE)
    held = hearth.data_dir / "charter.note"
    if held.exists():
        with hearth.node() as node:
            for one in split_chain(data) or [data]:
                with writing(node.node_db) as connection:
                    about = f"charter/{charter_digest(one)}"
                    note(connection, node, hearth.who, "adopt a charter", record=about)
                adopt_successor(node, one)
            return node.charter, node.charters.latest.digest
    try:
        adopt_charter(hearth.data_dir, data, datetime.now(UTC))
    except NoSuchMember:
        data = fetch_chain(read_chain(data), read_settings().ca_bundle)
        adopt_charter(hearth.data_dir, data, datetime.now(UTC))
    kept = read_chain(data)[-1]
    return kept.charter, kept.digest


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise click.UsageError(f"{path} exists, and is not overwritten. Name another file.")
