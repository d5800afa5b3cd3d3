"""`hearth inbox`: notices that other authorities sent, read and acknowledged."""

import click
import msgspec

from directory.authorities.service import Authority, authority_name
from directory.cli.common import AuthorityName, Hearth, command, print_safely, served
from directory.notices.received import Received, acknowledge, read_received, received
from federation import reading, writing
from protocols.notices import Contact


@click.command()
@click.option("--authority", type=AuthorityName(), help="Area authority. [default: the only one]")
@click.option("--show", metavar="ID", help="Print all of one notice.")
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
    reason: str,
    answer: str | None,
    contact: str | None,
    role: str,
    telephone: str | None,
) -> None:
    """List, show and acknowledge the notices received.

    Nothing about a child is printed without --show, which needs a --reason: every look is in the
    audit.
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
            notice = msgspec.json.encode(whole)
            print_safely((notice if hearth.as_json else msgspec.json.format(notice)).decode())
            return
        with reading(node.node_db) as connection:
            notices = received(connection, who, area)
    lines = [_line(one) for one in notices]
    hearth.answer(
        {"authority": area, "notices": notices},
        "\n".join(lines) or f"No notices to {authority_name(area)} yet.",
    )


def _line(one: Received) -> str:
    state = "acknowledged" if one.acknowledged_at else "NOT YET ACKNOWLEDGED"
    sender = authority_name(one.placing_authority)
    return f"{one.id}  from {sender}, {one.received_at:%d %B %Y %H:%M} UTC  {state}"
