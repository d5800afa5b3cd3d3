"""`hearth compliance`: how notices are kept to, counted from both sides."""

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.compliance.quarters import asked, in_words
from directory.compliance.service import compared, publish_figures, quarters, tell_others
from directory.country.authorities.service import Authority, authority_name
from directory.country.reference.working_days import london_day
from directory.web.wording import counted
from federation import Node, reading, writing


@click.group()
def compliance() -> None:
    """How notices are kept to, by quarter."""


@compliance.command("show")
@click.option("--authority", type=AuthorityName(), help="Whose. [default: the only one]")
@command
def show(hearth: Hearth, authority: Authority | None) -> None:
    """Count notices in time, late and acknowledged.

    Beside each count of ours stands what the other authority has counted, where it has told.
    """
    with hearth.node() as node:
        whose = served(node, authority)
        with reading(node.node_db) as connection:
            every = compared(connection, node, hearth.who, whose)
    hearth.answer(
        {"authority": whose, "quarters": quarters(every), "between": every},
        "\n".join(
            [
                f"{in_words(one.quarter)}, {one.side}: {one.counts.on_time} in time, "
                f"{one.counts.late} up to 5 working days late, {one.counts.later} later; "
                f"{one.counts.acknowledged} acknowledged"
                for one in quarters(every)
            ]
            + [
                f"{in_words(one.quarter)}, {one.side}, {authority_name(one.other)} counts otherwise"
                for one in every
                if one.differs
            ]
        )
        or "No notice yet of a placement that has begun.",
    )


@compliance.command("tell")
@click.option("--authority", type=AuthorityName(), help="Who tells. [default: the only one]")
@click.option("--quarter", help="Such as 2026-Q3. [default: the last that is over]")
@command
def tell(hearth: Hearth, authority: Authority | None, quarter: str | None) -> None:
    """Tell each authority what we counted of a quarter.

    A running node does so itself, see HEARTH_COMPLIANCE.
    """
    with hearth.node() as node:
        whose, of = served(node, authority), _over(node, quarter)
        with writing(node.node_db) as connection:
            told = tell_others(connection, node, hearth.who, whose, of)
    hearth.answer({"authority": whose, "told": told}, f"Told {counted(told, 'count')}.")


@compliance.command("publish")
@click.option("--again", help="A quarter, such as 2026-Q3, whose figures are counted anew.")
@command
def publish(hearth: Hearth, again: str | None) -> None:
    """Publish figures of the quarters that are over.

    They stand in the node's snapshot: to the nearest five, and fewer than five not told apart from
    none. What was published stays as it was, but for the quarter named with --again. A running node
    publishes itself, see HEARTH_COMPLIANCE.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        number = publish_figures(connection, node, hearth.who, _over(node, again))
    hearth.answer({"snapshot": number}, f"Published in snapshot {number}.")


def _over(node: Node, quarter: str | None) -> str | None:
    if quarter is not None and asked(quarter, london_day(node.now())) is None:
        raise click.UsageError(f"{quarter} is no quarter that is over. Write it as 2026-Q3.")
    return quarter
