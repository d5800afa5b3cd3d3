"""The feed of what authorities want (Atom, RFC 4287), for anybody's reader, without an account.

One entry an authority; a reader shows it again when it has changed.
"""

from datetime import date

from feedgenerator import Atom1Feed
from flask import Blueprint, Response, current_app, url_for
from markupsafe import escape

from directory.api.answering import OPEN, respond
from directory.choosing.commissioning.labels import need_name
from directory.choosing.commissioning.service import Wanted, all_wanted, closing, demand, upcoming
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.oruk.identifiers import identifier
from directory.web.reached import PUBLIC_URL
from federation import Node, reading

MOST_ENTRIES = 100
_MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def commissioning_feed(node: Node) -> Blueprint:
    """The feed, of those that have said something last."""
    pages = Blueprint("commissioning_feed", __name__)

    @pages.get("/commissioning.atom")
    def atom() -> Response:
        with reading(node.replica) as connection:
            wanted = all_wanted(connection, node)
        latest = sorted(wanted, key=lambda one: one.published_at, reverse=True)[:MOST_ENTRIES]
        response = respond(_feed(node, latest), _MEDIA_TYPE, OPEN)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return pages


def _feed(node: Node, latest: list[Wanted]) -> bytes:
    # Never from the header Host: what is cached for others must not lead where one caller said.
    base = current_app.config[PUBLIC_URL] or node.member.url
    feed = Atom1Feed(
        title="What authorities want",
        link=base + url_for("commissioning.overview"),
        description="Contacts, frameworks with their closing days, plans and demand in totals.",
        language="en-GB",
        author_name=f"Node {node.name}",
        feed_url=base + url_for("commissioning_feed.atom"),
        feed_guid=f"urn:uuid:{identifier('commissioning')}",
    )
    today = london_day(node.now())
    for one in latest:
        gss = one.record.authority
        feed.add_item(
            title=f"{one.authority_name}: as at {day(one.record.as_at)}",
            link=base + url_for("commissioning.one", gss=gss),
            description=escape(_summary(one, today)),
            pubdate=one.published_at,
            unique_id=f"urn:uuid:{identifier(f'commissioning/{gss}')}",
        )
    return str(feed.writeString("utf-8")).encode()


def _summary(one: Wanted, today: date) -> str:
    said = [f"Referrals: {one.record.referrals.name}, {one.record.referrals.email}"]
    said += [
        f"{each.framework.name} closes on {day(each.closes)}" for each in closing([one], today)
    ]
    said += [f"{each.planned.what}, {day(each.planned.on)}" for each in upcoming([one], today)]
    said += [
        f"{need_name(total.need)}: {total.children}" for total in demand([one]) if total.children
    ]
    return ". ".join(said) + "."
