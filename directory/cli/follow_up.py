"""`hearth follow-up`: what follows a notice, said, asked and read on either side of it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import click
import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection

from directory.cli.attaching import attach_option, read_attached
from directory.cli.common import AuthorityName, Hearth, command, print_safely, served
from directory.country.authorities.service import Authority, authority_name
from directory.notices.breaches.service import people_who_looked
from directory.notices.errors import NoSuchNotice, UnreadableNotice
from directory.notices.following.asking import answer_withdrawal, ask
from directory.notices.following.given import (
    GivenChange,
    GivenContainment,
    GivenEnding,
    GivenWithdrawal,
    GivenWords,
    changes_of,
)
from directory.notices.following.listing import said_after
from directory.notices.following.presenters import lines
from directory.notices.following.saying import Saying
from directory.notices.now import Side
from directory.notices.received import one_received, read_received
from directory.notices.sent import one_sent, read_sent
from federation import Enclosure, Node, reading, writing
from protocols.encoding import decode_json
from protocols.errors import Malformed

_FORMS: dict[str, tuple[Side, Decoder[Any]]] = {
    "change": ("sent", Decoder(GivenChange)),
    "ending": ("sent", Decoder(GivenEnding)),
    "withdrawal": ("sent", Decoder(GivenWithdrawal)),
    "answer": ("sent", Decoder(GivenWords)),
    "question": ("received", Decoder(GivenWords)),
    "containment": ("received", Decoder(GivenContainment)),
}


@click.command()
@click.argument("notice")
@click.option("--authority", type=AuthorityName(), help="Whose notice. [default: the only one]")
@click.option("--show", is_flag=True, help="Print all that it says now, and what was asked.")
@click.option("--reason", default="", help="Why you look at it; kept with your name.")
@click.option("--say", type=click.Choice(list(_FORMS)), help="Say this, with --file.")
@click.option("--file", type=click.File("rb"), help="What is said, in JSON; - is standard input.")
@click.option("--question", metavar="ID", help="The message that asked, for an answer.")
@click.option("--again", metavar="ID", help="Send a message again that was refused or expired.")
@attach_option
@command
def follow_up(
    hearth: Hearth,
    notice: str,
    authority: Authority | None,
    show: bool,
    reason: str,
    say: str | None,
    file: IO[bytes] | None,
    question: str | None,
    again: str | None,
    attached: Sequence[Path],
) -> None:
    """Say what follows a notice, or list and show it.

    Without an option it lists what followed NOTICE and where each of it is; nothing about a child
    is printed without --show. Who placed the child says a change, an ending, a withdrawal or an
    answer; who received the notice a question, or what became of one that was withdrawn. The JSON
    is that of the API (openapi.yaml: GivenChange and so on). Files go with a change.
    """
    if (say is None) != (file is None):
        raise click.UsageError("Give --say and --file together: what is said, and its JSON.")
    if (say == "answer") != bool(question) or (attached and say != "change"):
        raise click.UsageError("--question goes with an answer, and --attach with a change.")
    with hearth.node() as node:
        ours = served(node, authority)
        side, other = _ends(hearth, node, ours, notice)
        if say and file:
            wanted, form = _FORMS[say]
            if wanted != side:
                raise click.UsageError(f"A notice that was {side} is not followed by: {say}.")
            given = _read(form, file.read())
            with ExitStack() as stack:
                files = read_attached(attached, stack)
                act = _act(hearth, node, ours, notice, say, given, question, files)
                with writing(node.node_db) as connection:
                    message = act(connection)
            hearth.answer(
                {"message": message, "notice": notice, "state": "waiting"},
                f"Queued: {say} ({message}) to {authority_name(other)}.\n"
                f"Next: 'hearth follow-up {notice}' says when it is there.",
            )
            return
        if again:
            with writing(node.node_db) as connection:
                Saying(connection, node, hearth.who, placing=ours, notice=notice).again(again)
        if show:
            _show(hearth, node, side, ours, notice, reason)
            return
        with reading(node.node_db) as connection:
            after = said_after(connection, hearth.who, side, authority=ours, notice=notice)
    shown = [
        f"{one.message}  {one.kind}, {one.at}, {one.by}  {one.tag.lower()}"
        + (f": {one.said}" if one.said else "")
        for one in lines(after, authority_name(other))
    ]
    hearth.answer({"after": after}, "\n".join(shown) or "Nothing has followed this notice yet.")


def _ends(hearth: Hearth, node: Node, ours: str, notice: str) -> tuple[Side, str]:
    """On which side of a notice we are, and who is on the other."""
    with reading(node.node_db) as connection:
        try:
            sent = one_sent(connection, hearth.who, placing=ours, notice=notice)
        except NoSuchNotice:
            came = one_received(connection, hearth.who, area=ours, notice=notice)
            return "received", came.placing_authority
    return "sent", sent.area_authority


def _read(form: Decoder[Any], data: bytes) -> Any:
    try:
        return decode_json(data, form, "what follows a notice")
    except Malformed as error:
        raise UnreadableNotice(f"This cannot be sent: {error}. Nothing was sent.") from None


def _act(
    hearth: Hearth,
    node: Node,
    ours: str,
    notice: str,
    say: str,
    given: Any,
    question: str | None,
    files: Sequence[Enclosure],
) -> Callable[[Connection], str]:
    def act(connection: Connection) -> str:
        whose: dict[str, Any] = {"area": ours, "notice": notice}
        if isinstance(given, GivenContainment):
            looked = people_who_looked(connection, ours, notice)
            said = {name: getattr(given, name) for name in given.__struct_fields__}
            return answer_withdrawal(
                connection, node, hearth.who, **whose, opened_by=looked, **said
            )
        if say == "question":
            said = {"text": given.text, "asked_by": given.contact}
            return ask(connection, node, hearth.who, **whose, **said)
        saying = Saying(connection, node, hearth.who, placing=ours, notice=notice)
        if isinstance(given, GivenChange):
            return saying.change(changes_of(given), files)
        if isinstance(given, GivenWords):
            return saying.answer(str(question), given.text, given.contact)
        said = {name: getattr(given, name) for name in given.__struct_fields__}
        return saying.end(**said) if isinstance(given, GivenEnding) else saying.withdraw(**said)

    return act


def _show(hearth: Hearth, node: Node, side: Side, ours: str, notice: str, reason: str) -> None:
    with writing(node.node_db) as connection:
        if side == "sent":
            whole = read_sent(
                connection, node, hearth.who, placing=ours, notice=notice, reason=reason
            )
        else:
            whole = read_received(
                connection, node, hearth.who, area=ours, notice=notice, reason=reason
            )
    shown = msgspec.json.encode(whole.now)
    print_safely((shown if hearth.as_json else msgspec.json.format(shown)).decode())
