"""`hearth inbox`: notices that other authorities sent, read and acknowledged."""

import click
import msgspec

from directory.authorities.service import Authority
from directory.cli.common import AuthorityName, Hearth, authority_name, command, print_safely
from directory.notices.service import Received, acknowledge, read_received, received
from federation import reading, writing
from protocols.notices import Contact


@click.command()
@click.option("--authority", type=AuthorityName(), help="Area authority. [default: the only one]")
@click.option("--show", metavar="ID", help="Print all of one notice.")
@click.option("--acknowledge", "answer", metavar="ID", help="Acknowledge one notice.")
@click.option("--contact", help="Who there to call about the child.")
@click.option("--role", default="Duty officer", show_default=True, help="What that person is.")
@click.option("--telephone", help="Number of that person.")
@command
def inbox(
    hearth: Hearth,
    authority: Authority | None,
    show: str | None,
    answer: str | None,
    contact: str | None,
    role: str,
    telephone: str | None,
) -> None:
    """List, show and acknowledge the notices received.

    Nothing about a child is printed without --show.
    """
    with hearth.node() as node:
        area = _area(authority, sorted(node.member.area))
        if answer:
            if not (contact and telephone):
                raise click.UsageError("An acknowledgement needs --contact and --telephone.")
            person = Contact(contact, role, telephone)
            with writing(node.node_db) as connection:
                message = acknowledge(connection, node, area=area, notice=answer, contact=person)
            hearth.answer(
                {"message": message},
                f"Acknowledged the notice {answer}.\n"
                "Next: 'hearth outbox' says when the answer has arrived.",
            )
            return
        with reading(node.node_db) as connection:
            if show:
                notice = msgspec.json.encode(read_received(connection, area, show))
                print_safely((notice if hearth.as_json else msgspec.json.format(notice)).decode())
                return
            notices = received(connection, area)
    lines = [_line(one) for one in notices]
    hearth.answer(
        {"authority": area, "notices": notices},
        "\n".join(lines) or f"No notices to {authority_name(area)} yet.",
    )


def _area(authority: Authority | None, served: list[str]) -> str:
    if authority and authority.gss in served:
        return authority.gss
    if authority:
        raise click.UsageError(f"This node does not serve {authority.name}.")
    if len(served) != 1:
        raise click.UsageError("This node serves several authorities: say which, with --authority.")
    return served[0]


def _line(one: Received) -> str:
    state = "acknowledged" if one.acknowledged_at else "NOT YET ACKNOWLEDGED"
    sender = authority_name(one.placing_authority)
    return f"{one.id}  from {sender}, {one.received_at:%d %B %Y %H:%M} UTC  {state}"
