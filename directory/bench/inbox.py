"""How fast the duty desk's pages are with many open notices: inbox, register, a missing child, and
what as many notices of homes say.

Each is a whole answer of the web application in this process: the session, the rights, the notices
of the page opened, the audit row committed durably, the HTML. Beside it stands the bare read of as
much: the rows of such a page, or all bodies for a search, by one statement in the same database,
neither opened nor shown.
"""

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from secrets import token_hex
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from directory.app import create_app
from directory.bench.errors import BenchFailed
from directory.bench.percentiles import percentile
from directory.bench.records import many_homes
from directory.bench.search import publish_all
from directory.country.authorities.service import in_nation
from directory.demo.consortium import found, free_ports
from directory.hosting.homes.models import home_notice
from directory.hosting.homes.presenters import SECTIONS
from directory.hosting.register.schemas import REASONS
from directory.nodes import opened
from directory.notices.models import received_notice
from directory.notices.records import received_record
from directory.security.people.accounts import invite
from directory.security.people.grants import Held
from directory.security.people.sessions import Stage, start
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from directory.security.vault.service import Vault
from federation import Node, in_parts, writing
from protocols.notices import Child, Contact, Notice, Placement, encode_body

AUTHORITIES, HOMES = 60, 62
WARM_UPS = 5
_DOCUMENT = "Needs a steady school, and somebody who listens. " * 60
_GIVEN = ("Ada", "Ben", "Cleo", "Dev", "Esme", "Finn", "Grace", "Hari", "Ines", "Jude")
_FAMILY = ("Sample", "Example", "Specimen", "Instance", "Pattern", "Model", "Trial", "Draft")


@dataclass(frozen=True, slots=True)
class Desk:
    """What was measured with a number of open notices. Times in milliseconds, of whole answers;
    each ratio is the half-way time of ours to that of the bare read.
    """

    notices: int
    pages: int
    inbox_p50_ms: float
    inbox_p95_ms: float
    register_p50_ms: float
    register_p95_ms: float
    search_p50_ms: float
    search_p95_ms: float
    homes_p50_ms: float
    homes_p95_ms: float
    bare_page_p50_ms: float
    bare_search_p50_ms: float
    inbox_ratio: float
    register_ratio: float
    search_ratio: float


def measure_desk(folder: Path, notices: int, pages: int, report: Callable[[str], None]) -> Desk:
    """Measure in an empty folder, on SQLite. Raises BenchFailed."""
    dice = Random("desk")  # noqa: S311 - nothing here is a secret
    area, *others = in_nation("England")
    (site,) = found(folder, {"desk": (area,)}, free_ports(1))
    with ExitStack() as stack:
        node = stack.enter_context(opened(site.folder))
        report(f"Receiving {notices:,} notices …")
        homes = list(many_homes(HOMES, [area.gss]))
        publish_all(node, homes, HOMES)
        placing = [one.gss for one in others[:AUTHORITIES]]
        urns = [one.urn for one in homes]
        _receive(node, dice, area.gss, placing, urns, notices)
        _be_told(node, dice, area.gss, placing, urns, notices)
        browser, token = _officer(node, area.gss)
        bare = stack.enter_context(closing(sqlite3.connect(site.folder / "node.db")))

        def inbox() -> None:
            narrowed = dice.choice(
                ["", f"&from={dice.choice(placing)}", "&due=overdue", "&show=all"]
            )
            page = dice.randint(1, notices // 25)
            _good(browser, "GET", f"/authorities/{area.gss}/notices/received?page={page}{narrowed}")

        def register() -> None:
            narrowed = dice.choice([{}, {"from": dice.choice(placing)}, {"home": homes[0].urn}])
            page = str(dice.randint(1, notices // 25))
            form = {"reason": REASONS[1], "csrf_token": token, "page": page, **narrowed}
            _good(browser, "POST", "/register", form)

        def search() -> None:
            words = f"{dice.choice(_GIVEN)[:3]} {dice.randint(0, notices)}"
            form = {"reason": REASONS[0], "csrf_token": token, "words": words}
            _good(browser, "POST", "/register", form)

        def of_homes() -> None:
            page = dice.randint(1, notices // 100)
            narrowed = dice.choice(["", *(f"?show={one}&page={page}" for one in SECTIONS)])
            _good(browser, "GET", f"/authorities/{area.gss}/home-notices{narrowed}")

        def bare_page() -> None:
            bare.execute(
                "SELECT * FROM received_notice WHERE area_authority = ? LIMIT 25 OFFSET ?",
                (area.gss, dice.randint(0, notices - 25)),
            ).fetchall()

        def bare_search() -> None:
            sql = "SELECT body FROM received_notice WHERE area_authority = ?"
            sum(len(body) for (body,) in bare.execute(sql, (area.gss,)))

        report("Looking …")
        took = {one: _timed(one, pages) for one in (inbox, register, of_homes, bare_page)}
        few = max(20, pages // 10)
        took |= {one: _timed(one, few) for one in (search, bare_search)}
    half = {one: percentile(seconds, 50) for one, seconds in took.items()}
    return Desk(
        notices=notices,
        pages=pages,
        inbox_p50_ms=half[inbox],
        inbox_p95_ms=percentile(took[inbox], 95),
        register_p50_ms=half[register],
        register_p95_ms=percentile(took[register], 95),
        search_p50_ms=half[search],
        search_p95_ms=percentile(took[search], 95),
        homes_p50_ms=half[of_homes],
        homes_p95_ms=percentile(took[of_homes], 95),
        bare_page_p50_ms=half[bare_page],
        bare_search_p50_ms=half[bare_search],
        inbox_ratio=round(half[inbox] / half[bare_page], 1),
        register_ratio=round(half[register] / half[bare_page], 1),
        search_ratio=round(half[search] / half[bare_search], 1),
    )


def _timed(look: Callable[[], None], times: int) -> list[float]:
    found = []
    for _ in range(times + WARM_UPS):
        began = time.perf_counter()
        look()
        found.append(time.perf_counter() - began)
    return found[WARM_UPS:]


def _good(browser: FlaskClient, method: str, path: str, form: dict[str, str] | None = None) -> None:
    answer = browser.open(path, method=method, data=form)
    if answer.status_code != 200:
        raise BenchFailed(f"{method} {path.partition('?')[0]} answered {answer.status_code}")


def _receive(
    node: Node, dice: Random, area: str, placing: list[str], urns: list[str], count: int
) -> None:
    """Notices about nobody, as they lie there once they have arrived."""
    now = node.now()
    for part in in_parts(range(count)):
        rows: list[dict[str, Any]] = []
        bodies: dict[str, bytes] = {}
        for number in part:
            notice, sender = _notice(dice, number, urns, now.date()), dice.choice(placing)
            row: dict[str, Any] = {
                "id": token_hex(16),
                "placing_authority": sender,
                "area_authority": area,
                "received_at": now - timedelta(minutes=dice.randint(1, 20_000)),
                "urn": notice.placement.urn,
                "starts_on": notice.placement.starts_on,
                "setting": notice.placement.setting,
                "came_by": "node",
            }
            rows.append(row)
            bodies[received_record(sender, row["id"])] = encode_body(notice)
        with writing(node.node_db) as connection:
            sealed = Vault(connection, node).seal_all("received_notice", "body", bodies)
            connection.execute(
                insert(received_notice),
                [
                    {**row, "body": sealed[received_record(row["placing_authority"], row["id"])]}
                    for row in rows
                ],
            )


def _be_told(
    node: Node, dice: Random, area: str, placing: list[str], urns: list[str], count: int
) -> None:
    """What homes have told, about nobody: half of it matched, a tenth of it in doubt."""
    now = node.now()
    with writing(node.node_db) as connection:
        notices = connection.scalars(select(received_notice.c.id)).all()
        rows: list[dict[str, Any]] = []
        for number in range(count):
            match = dice.choices(["certain", "probable", None], [5, 1, 4])[0]
            rows.append(
                {
                    "number": f"{number:032x}",
                    "through": dice.choice(placing),
                    "stay": f"{number:032x}",
                    "area": area,
                    "claim": "c" * 32,
                    "urn": dice.choice(urns),
                    "placing_authority": dice.choice(placing),
                    "body": dice.randbytes(900),
                    "starts_on": now.date() - timedelta(days=dice.randint(0, 900)),
                    "ended_on": dice.choice([None, None, None, now.date()]),
                    "told_at": now,
                    "received_at": now - timedelta(minutes=dice.randint(1, 20_000)),
                    "notice": notices[number] if match else None,
                    "match": match,
                }
            )
        connection.execute(insert(home_notice), rows)


def _notice(dice: Random, number: int, urns: list[str], today: date) -> Notice:
    person = Contact("Sam Sample", "Social worker", "01632 960101")
    starts = today - timedelta(days=dice.randint(0, 900))
    child = Child(f"BENCH-{number}", dice.choice(_GIVEN), dice.choice(_FAMILY), date(2012, 4, 9))
    return Notice(
        child=child,
        placement=Placement("children's home", "1 Sample Lane", starts, dice.choice(urns)),
        social_worker=person,
        out_of_hours=person,
        reviewing_officer=person,
        legal_status="section 31",
        assessment_of_needs=_DOCUMENT,
        why_most_suitable=_DOCUMENT,
        care_plan=_DOCUMENT,
    )


def _officer(node: Node, area: str) -> tuple[FlaskClient, str]:
    """The browser of somebody on duty, and the token of their forms."""
    with writing(node.node_db) as connection:
        held = Held(Role.DUTY_OFFICER, area)
        account, _link = invite(
            connection, node, operator("bench"), "olu@bench.example", "Olu Officer", held
        )
        session = start(connection, account.id, Stage.IN, "Bench", node.now())
    app = create_app(node)
    browser = app.test_client()
    browser.set_cookie(app.session_interface.name, session)  # type: ignore[attr-defined]
    page = browser.get("/register").text
    found_token = re.search('name="csrf_token" value="([^"]+)"', page)
    if found_token is None:
        raise BenchFailed("The register asked nobody to sign in, and showed no form")
    return browser, found_token[1]
