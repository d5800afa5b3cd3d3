"""The accessibility statement, for anybody: after the sample that gov.uk gives public bodies.

https://www.gov.uk/government/publications/sample-accessibility-statement
The Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018.
"""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from directory.choosing.commissioning.service import wanted_of
from directory.homes.labels import day
from federation import Node, reading
from protocols.commissioning import Office

TESTED_ON = date(2026, 11, 22)
"""When what the statement says was last looked at as a whole. Change it with the statement."""


def accessibility_pages(node: Node, contact: str | None) -> Blueprint:
    """The statement. `contact` is whom to turn to; where it is not set, the offices that the
    node's authorities have published.
    """
    pages = Blueprint("accessibility", __name__, template_folder="templates")

    @pages.get("/accessibility")
    def statement() -> ResponseReturnValue:
        return render_template(
            "accessibility/statement.html",
            contact=contact,
            offices=() if contact else _offices(node),
            tested_on=day(TESTED_ON),
        )

    return pages


def _offices(node: Node) -> Sequence[tuple[str, Office]]:
    """Each authority's name, and the office to which it says that one may turn."""
    with reading(node.replica) as connection:
        found = [
            (one.name, wanted_of(connection, node, one.gss)) for one in node.member.authorities
        ]
    return [(name, said.record.referrals) for name, said in found if said]
