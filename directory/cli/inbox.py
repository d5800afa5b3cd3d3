"""`hearth inbox`: notices that other authorities sent, read and acknowledged."""

import os
from itertools import chain
from pathlib import Path

import click
import msgspec

from directory.cli.common import AuthorityName, Hearth, command, print_safely, served
from directory.country.authorities.service import Authority, authority_name
from directory.intake.attachments.errors import AttachmentError
from directory.notices.looking import Opened
from directory.notices.received import (
    Received,
    acknowledge,
    read_attachment,
    read_received,
    received,
)
from directory.security.rights.principal import Principal
from directory.web.wording import counted
from federation import Node, reading, writing
from protocols.attachments import Attachment
from protocols.notices import Contact


@click.command()
@click.option("--authority", type=AuthorityName(), help="Area authority. [default: the only one]")
@click.option("--show", metavar="ID", help="Print all of one notice.")
@click.option("--save", metavar="ID", help="Save the files that came with one notice.")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder to save them in.",
)
@click.option("--reason", default="", help="Why you look at it; kept with your name.")
@click.option("--acknowledge", "answer", metavar="ID", help="Acknowledge one notice.")
@click.option("--contact", help="Who there to call about the child.")
@click.option("--role", default="Duty officer", show_default=True, help="What that person is.")
@click.option("--telephone", help="Number of that person.")
@command
def inbox(
    hearth: Hearth,
    authority: Authority | None,
    show: str | None,
    save: str | None,
    into: Path | None,
    reason: str,
    answer: str | None,
    contact: str | None,
    role: str,
    telephone: str | None,
) -> None:
    """List, show and acknowledge the notices received.

    Nothing about a child is printed without --show, which needs a --reason: every look is in the
    audit. So does --save, which writes files into the folder --into, for you alone to read.
    """
    with hearth.node() as node:
        area, who = served(node, authority), hearth.who
        if answer:
            if not (contact and telephone):
                raise click.UsageError("An acknowledgement needs --contact and --telephone.")
            person = Contact(contact, role, telephone)
            with writing(node.node_db) as connection:
                message = acknowledge(
                    connection, node, who, area=area, notice=answer, contact=person
                )
            hearth.answer(
                {"message": message},
                f"Acknowledged the notice {answer}.\n"
                "Next: 'hearth outbox' says when the answer has arrived.",
            )
            return
        if show:
            with writing(node.node_db) as connection:
                whole = read_received(connection, node, who, area=area, notice=show, reason=reason)
            notice = msgspec.json.encode(_shown(whole))
            print_safely((notice if hearth.as_json else msgspec.json.format(notice)).decode())
            return
        if save:
            if into is None:
                raise click.UsageError("Say with --into which folder the files are saved in.")
            saved = _save(node, who, area, save, into, reason)
            hearth.answer({"saved": saved}, f"Saved {counted(saved, 'file')} in {into}.")
            return
        with reading(node.node_db) as connection:
            notices = received(connection, who, area)
    lines = [_line(one) for one in notices]
    hearth.answer(
        {"authority": area, "notices": notices},
        "\n".join(lines) or f"No notices to {authority_name(area)} yet.",
    )


def _shown(whole: Opened) -> dict[str, object]:
    """What a notice said, and which files came with it or later; of their keys nothing."""
    shown: dict[str, object] = msgspec.to_builtins(whole.notice)
    every = [*whole.attachments, *chain.from_iterable(whole.after.values())]
    if every:
        shown["attachments"] = [
            {"name": one.name, "type": one.type, "size": one.size} for one in every
        ]
    return shown


def _save(node: Node, who: Principal, area: str, notice: str, into: Path, reason: str) -> int:
    """Write the files of a notice, and give how many; what is there already is not overwritten."""
    with writing(node.node_db) as connection:
        whole = read_received(connection, node, who, area=area, notice=notice, reason=reason)
    every: list[tuple[str | None, tuple[Attachment, ...]]] = [(None, whole.attachments)]
    every += whole.after.items()
    places = [(change, number) for change, files in every for number in range(len(files))]
    for change, number in places:
        with writing(node.node_db) as connection:
            one, content = read_attachment(
                *(connection, node, who),
                area=area,
                notice=notice,
                number=number,
                reason=reason,
                change=change,
            )
        path = into / (f"{change[:8]} {one.name}" if change else one.name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise AttachmentError(
                f"{path} is there already, and is not overwritten. Choose another folder."
            ) from None
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(content)
    return len(places)


def _line(one: Received) -> str:
    state = "acknowledged" if one.acknowledged_at else "NOT YET ACKNOWLEDGED"
    if one.withdrawn_at:
        state = "WITHDRAWN: it must not be used"
    elif one.ended_on:
        state += f", ends or ended on {one.ended_on:%d %B %Y}"
    sender = authority_name(one.placing_authority)
    return f"{one.id}  from {sender}, {one.received_at:%d %B %Y %H:%M} UTC  {state}"
