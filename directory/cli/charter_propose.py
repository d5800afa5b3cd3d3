"""`hearth charter propose`: draft the next version of the charter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.node.charters import drafting
from directory.node.charters.files import before_of, read_description, write_draft
from directory.node.charters.wording import differences
from federation import LIFE, Node, name_payload, pin_at
from protocols.charter import MAX_DEADLINE_DAYS, MAX_VACANCY_DAYS, Charter, ErasedPayload
from protocols.keys import Purpose
from protocols.succession import check_draft

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--out", required=True, type=_NEW, help="Where to write the draft.")
@click.option(
    "--member",
    "members",
    multiple=True,
    type=_FILE,
    help="A node that joins (its member.json), or has new keys (the file of 'hearth keys rotate').",
)
@click.option("--suspend", metavar="NODE", help="Suspend a member.")
@click.option("--because", metavar="REASON", help="Why; the member and all others read it.")
@click.option("--reinstate", metavar="NODE", help="Take a suspended member back.")
@click.option(
    "--end-key",
    metavar="KEY",
    help="End a key, by the first characters of its public half. A log key ends where its log is.",
)
@click.option(
    "--at",
    "size",
    type=click.IntRange(0),
    help="End a log key at this size of its log. [default: what this node has verified]",
)
@click.option(
    "--erase",
    "erased",
    multiple=True,
    metavar="NODE:ENTRY",
    help="Have every member destroy what an entry of a log published, also while its author is "
    "away. By its index, as 'hearth history' has it, or by the payload's digest.",
)
@click.option("--add-signer", multiple=True, metavar="VKEY", help="A charter key that may sign.")
@click.option("--drop-signer", multiple=True, metavar="NAME", help="One that may no longer.")
@click.option(
    "--group", "groups", multiple=True, metavar="NAME=GSS,…", help="A group; none without codes."
)
@click.option("--witnesses", type=_FILE, help="The committee, as a C2SP tlog-policy.")
@click.option(
    "--vacancy-days",
    type=click.IntRange(1, MAX_VACANCY_DAYS),
    help="For how many days a vacancy counts that nobody confirms. Nodes that do not know this "
    "rule yet refuse the charter: upgrade all members first.",
)
@click.option(
    "--deadline",
    "deadlines",
    multiple=True,
    type=(click.Choice(list(drafting.DEADLINES)), click.IntRange(1, MAX_DEADLINE_DAYS)),
    metavar="WHAT DAYS",
    help="In how many working days a notice, an ending or an acknowledgement is due at the latest. "
    "The law's time counts where it is shorter. Upgrade all members first.",
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Its last day. [default: 400 days from now]",
)
@command
def propose(
    hearth: Hearth,
    out: Path,
    members: tuple[Path, ...],
    suspend: str | None,
    because: str | None,
    reinstate: str | None,
    end_key: str | None,
    size: int | None,
    erased: tuple[str, ...],
    add_signer: tuple[str, ...],
    drop_signer: tuple[str, ...],
    groups: tuple[str, ...],
    witnesses: Path | None,
    vacancy_days: int | None,
    deadlines: tuple[tuple[str, int], ...],
    expires: datetime | None,
) -> None:
    """Draft the next version of the charter.

    It begins as the version that this node keeps to; without changes it renews that. The draft,
    with the version before beside it, goes to the holders of charter keys, who read in plain words
    what would change, and sign it.
    """
    for path in (out, before_of(out)):
        if path.exists():
            raise click.UsageError(f"{path} exists, and is not overwritten. Name another file.")
    if because and not suspend:
        raise click.UsageError("--because says why somebody is suspended: name whom, --suspend.")
    with hearth.node() as node:
        kept = node.charters.latest
        end = expires.replace(tzinfo=UTC) + timedelta(days=1) if expires else node.now() + LIFE
        draft = drafting.begin(kept.charter, kept.digest, end)
        for described in members:
            draft = drafting.with_member(draft, read_description(described))
        if suspend:
            draft = drafting.suspended(draft, suspend, because)
        if reinstate:
            draft = drafting.reinstated(draft, reinstate)
        if end_key is not None:
            draft = _end(node, draft, end_key, size)
        draft = drafting.with_erased(draft, (_erased(node, draft, one) for one in erased))
    draft = drafting.with_signers(draft, add_signer, drop_signer)
    for group in groups:
        name, _, codes = group.partition("=")
        draft = drafting.with_group(draft, name, [code for code in codes.split(",") if code])
    if witnesses:
        draft = drafting.with_witnesses(draft, witnesses.read_text("utf-8"))
    if vacancy_days:
        draft = drafting.with_vacancy_days(draft, vacancy_days)
    for owed, days in deadlines:
        draft = drafting.with_deadline(draft, owed, days)
    check_draft(draft, kept.charter, kept.digest)
    write_draft(out, draft, kept.note)
    said = differences(kept.charter, draft)
    hearth.answer(
        {"draft": str(out), "version": draft.version, "changes": said},
        "\n".join(
            [
                f"Version {draft.version} of the charter, not signed yet: {out}",
                *(f"- {one}" for one in said),
                f"Next: take {out} and {before_of(out)} to the holders of charter keys, who run "
                "'hearth charter sign'.",
            ]
        ),
    )


def _end(node: Node, draft: Charter, public: str, size: int | None) -> Charter:
    member, key = drafting.holder_of(draft, public)
    is_log = key.purpose is Purpose.LOG
    if size is not None and not is_log:
        raise click.UsageError("--at is for log keys; any other key is left out.")
    return drafting.with_key_ended(draft, public, pin_at(node, member, size) if is_log else None)


def _erased(node: Node, draft: Charter, said: str) -> ErasedPayload:
    author, colon, which = said.partition(":")
    if not colon:
        raise click.UsageError(
            f"--erase {said}: name a node and an entry of its log, such as kent:12."
        )
    return name_payload(node, drafting.member_of(draft, author).node, which)
