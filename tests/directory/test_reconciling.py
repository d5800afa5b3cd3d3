"""A return held against the notices: exactly those of whom nobody was told are found."""

import io
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from sqlalchemy import select, update

from directory.app import create_app
from directory.hosting.silent.service import silent_homes
from directory.notices.models import received_notice, sent_notice
from directory.notices.sent import send_notice
from directory.placing.reconciling.service import Reconciled, reconcile
from directory.placing.register.service import add_child, add_placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.placing.telling.service import note_told, open_placement
from directory.security.audit.models import audit_row
from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from protocols.notices import Child, Placement
from tests.databases import Databases
from tests.directory.command_line import hearth, succeed
from tests.directory.correspondence import correspondence
from tests.directory.people import form_token, signed_in
from tests.directory.worlds import KENT, LEEDS, MEDWAY, a_home, serving
from tests.federation.worlds import a_notice

pytestmark = pytest.mark.both_databases(second_is_soak=True)
COLA = Principal("person:cola", "Cola Commissioner", frozenset({Grant(Role.COMMISSIONER, KENT)}))
DUTY = Principal("person:duty", "Dee Duty", frozenset({Grant(Role.DUTY_OFFICER, KENT)}))
WHY = "The yearly return is due"
IN_MEDWAY, IN_KENT, IN_LEEDS = "ME4 4QB", "CT1 2JR", "LS1 1UR"
TITLES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
)
APRIL = date(2026, 4, 1)


def row(
    child: str,
    *,
    began: str = "01/04/2026",
    new: str = "S",
    ls: str = "C2",
    place: str = "K2",
    ended: str = "",
    postcode: str = IN_MEDWAY,
    urn: str = "",
) -> str:
    return f"{child},{began},{new},{ls},N1,{place},PR4,{ended},X1,,,{postcode},{urn}"


def table(*rows: str) -> BytesIO:
    return BytesIO("\r\n".join((TITLES, *rows)).encode("utf-8-sig"))


def tell(
    node: Node, child: str, area: str = MEDWAY, on: date = APRIL, urn: str | None = None
) -> str:
    notice = a_notice(
        child=Child(child, "Zebedee", "Quillfeather", date(2012, 5, 17)),
        placement=Placement("children's home", "17 Wren Street", on, urn),
    )
    with writing(node.node_db) as connection:
        return send_notice(connection, node, COLA, notice, placing=KENT, area=area)


def acknowledge(node: Node, *notices: str) -> None:
    """As if the area authority had answered."""
    with writing(node.node_db) as connection:
        connection.execute(
            update(sent_notice)
            .where(sent_notice.c.id.in_(notices))
            .values(acknowledged_at=node.now())
        )


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    served = {KENT: "Kent", MEDWAY: "Medway", LEEDS: "Leeds"}
    with serving(tmp_path, served, database=database) as node:
        yield node


def reconciled(node: Node, *rows: str, header: str = "", **more: Path) -> Reconciled:
    born = BytesIO(f"CHILD,SEX,DOB\r\n{header}".encode()) if header else None
    return reconcile(node, COLA, KENT, table(*rows), born, reason=WHY, **more)


def by_row(found: Reconciled) -> dict[int, str]:
    return {one.row: one.finding for one in found.placements}


def test_exactly_those_are_missing_of_whom_nobody_was_told(node: Node) -> None:
    answered = [tell(node, "K-2"), tell(node, "K-4")]
    tell(node, "k-3 ")
    acknowledge(node, *answered)
    found = reconciled(
        node,
        row("K-1"),
        row("K-2"),
        row("K-3"),
        row("K-4", ended="01/06/2026"),
        row("K-5", ls="V4"),
        row("K-6"),
        row("K-7", postcode=IN_KENT),
        row("K-8", postcode=""),
        row("K-9", place="A3"),
        row("K-10", ended="01/06/2026", postcode=IN_LEEDS),
        header="K-6,1,20/11/2008\r\nK-1,2,21/11/2008\r\n",
    )
    assert by_row(found) == {
        2: "no notice",
        3: "told",
        4: "never acknowledged",
        5: "ended, not told",
        6: "exempt",
        7: "exempt",  # 18 on the very day
        8: "in area",
        9: "area unknown",
        10: "exempt",
        11: "ended, no notice",
    }
    (missing,) = found.missing
    assert (missing.row, missing.area, missing.relation) == (2, MEDWAY, "out of area")
    assert "regulation 13" in missing.rule
    assert "48" in found.exempt[0].rule
    assert found.ended_no_notice[0].area == LEEDS
    assert [one.row for one in found.out_of_area] == [2, 3, 4, 5, 6, 7, 10, 11]
    assert found.counts["placements"] == 10
    assert found.year == 2026
    said = msgspec.json.encode(found).decode()
    assert not any(word in said for word in ("K-1", "Zebedee", IN_MEDWAY))


def test_one_notice_tells_of_one_placement_and_of_the_right_one(node: Node) -> None:
    tell(node, "K-1", urn="1111111")
    tell(node, "K-2", area=LEEDS)
    tell(node, "K-3", on=date(2024, 7, 1))
    tell(node, "K-4")
    found = reconciled(
        node,
        # Moved from one home to another in the same area: the second move was not told.
        row("K-1", ended="10/04/2026", urn="1111111"),
        row("K-1", began="10/04/2026", new="P", urn="2222222"),
        # The notice of this child went to somebody else.
        row("K-2"),
        # Only the legal status changed in this year: the notice is of years ago.
        row("K-3", new="L"),
        # The same child came back after years: the old notice is not of this.
        row("K-3", began="01/11/2026", new="S"),
        # Moved within days, and nobody says from which home to which: one notice is of one move.
        row("K-4", ended="10/04/2026"),
        row("K-4", began="10/04/2026", new="P"),
    )
    assert by_row(found) == {
        2: "ended, not told",
        3: "no notice",
        4: "no notice",
        5: "never acknowledged",
        6: "no notice",
        7: "ended, not told",
        8: "no notice",
    }
    assert [one.why for one in found.missing[1:]] == [
        "A notice of this child with these days went to Leeds",
        "",
        "",
    ]


def test_what_was_told_by_letter_counts_where_the_area_has_no_node(node: Node) -> None:
    with writing(node.node_db) as connection:
        of = add_child(connection, node, COLA, KENT, ChildFacts("K-1"))
        course = Course(APRIL, "live", area=MEDWAY, relation="out of area")
        number = add_placement(connection, node, COLA, KENT, of, course, PlacementFacts())
        (letter,) = (
            one.id
            for one in open_placement(connection, node, COLA, KENT, number, WHY).everyone
            if (one.event, one.rule.code) == ("placement", "area authority")
        )
    assert by_row(reconciled(node, row("K-1"))) == {2: "no notice"}
    with writing(node.node_db) as connection:
        note_told(connection, node, COLA, KENT, number, letter, "letter", APRIL)
    assert by_row(reconciled(node, row("K-1"))) == {2: "told"}
    ended = reconciled(node, row("K-1", ended="01/06/2026"))
    assert by_row(ended) == {2: "ended, not told"}


def test_who_may_and_for_what_reason_is_asked_and_noted(node: Node) -> None:
    with pytest.raises(NotAllowed):
        reconcile(node, DUTY, KENT, table(), reason=WHY)
    with pytest.raises(ReasonWanted):
        reconcile(node, COLA, KENT, table(), reason="")
    with pytest.raises(NotAllowed):
        reconcile(node, COLA, MEDWAY, table(), reason=WHY)
    reconciled(node, row("K-1"))
    with reading(node.node_db) as connection:
        noted = connection.execute(select(audit_row)).all()
    assert [(one.action, one.authority, one.detail) for one in noted] == [
        ("hold a return against the notices sent", KENT, "1 episodes, 0 notices")
    ]
    assert noted[0].reason is not None


def test_the_command_answers_in_json_and_in_words(node: Node, tmp_path: Path) -> None:
    tell(node, "K-2")
    (tmp_path / "episodes.csv").write_bytes(table(row("K-1"), row("K-2", ls="*X*")).read())
    asked = ("reconcile", "ssda903", tmp_path / "episodes.csv", f"--data-dir={node.folder}")
    asked = (*asked, "--authority", "Kent")
    assert "say why" in hearth(*asked).err
    asked = (*asked, "--reason", WHY)
    answer = succeed(*asked)
    assert [one["row"] for one in answer["missing"]] == [2]
    assert answer["placements"][1]["finding"] == "never acknowledged"
    assert answer["faults"] == [{"row": 3, "column": "LS", "reason": answer["faults"][0]["reason"]}]
    assert "not installed" in answer["validator"]["absent"]
    said = hearth(*asked).out
    assert "Row 2: children's home in Medway, out of area; no notice." in said
    assert "K-1" not in said


def test_homes_with_places_of_which_no_notice_came_for_a_year_are_listed(tmp_path: Path) -> None:
    with correspondence(tmp_path) as post:

        def silent() -> list[tuple[str, date | None]]:
            dora = Principal("d", "Dora", frozenset({Grant(Role.DUTY_OFFICER, LEEDS)}))
            with reading(post.area.node_db) as own, reading(post.area.replica) as replica:
                found = silent_homes(own, replica, post.area, dora, LEEDS)
            return [(one.urn, one.last) for one in found]

        post.world.publish("leeds-node", [a_home("SC200009", authority=LEEDS, places=4)])
        post.world.follow_all(post.area, ["leeds-node"])
        assert silent() == [("SC200009", None)]
        placed = Placement("children's home", "17 Wren Street", APRIL, "SC200009")
        with writing(post.placing.node_db) as connection:
            send_notice(
                *(connection, post.placing, COLA, a_notice(placement=placed)),
                **{"placing": KENT, "area": LEEDS},
            )
        post.deliver()
        assert silent() == []
        before = post.area.now() - timedelta(days=366)
        with writing(post.area.node_db) as connection:
            connection.execute(update(received_notice).values(received_at=before))
        assert silent() == [("SC200009", before.date())]
    told = succeed("reconcile", "homes", f"--data-dir={tmp_path / 'leeds-node'}")
    assert [one["urn"] for one in told["homes"]] == ["SC200009"]


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


def test_an_upload_is_answered_on_a_page_and_kept_nowhere(
    node: Node, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    browser = signed_in(app, Role.COMMISSIONER, KENT)
    address = f"/authorities/{KENT}/reconcile"
    planted = "PLANTED-4711"
    rows = [row(planted), *(row(f"{planted}-{one}") for one in range(5_000))]
    token = form_token(browser, address)

    def send(**form: object) -> tuple[int, str]:
        answer = browser.post(address, data={"csrf_token": token, **form})
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, answer.text

    status, page = send(reason=WHY, year="2037", episodes=(table(*rows), f"{planted}.csv"))
    assert status == 400  # a year that no return has
    status, page = send(reason=WHY, year="any", episodes=(table(*rows), f"{planted}.csv"))
    assert status == 200
    assert "5,001 placements have no notice" in page
    assert "Row 2: children&#39;s home in Medway" in page
    assert planted not in page
    status, page = send(reason="", episodes=(io.BytesIO(b"a,b\r\n1,2"), "x.csv"))
    assert status == 400
    assert "Say why you reconcile" in page
    status, page = send(reason=WHY, episodes=(io.BytesIO(b"a,b\r\n1,2"), "x.csv"))
    assert (status, "not the table Episodes" in page) == (400, True)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert planted.encode() not in file.read_bytes(), file


def test_what_the_validator_finds_stands_with_the_rows_and_nothing_else_of_it_is_believed(
    node: Node, tmp_path: Path
) -> None:
    program = tmp_path / "validator/bin/python"
    program.parent.mkdir(parents=True)
    fake = (
        "import json, os, sys; asked = json.load(sys.stdin); "
        "assert asked['tables']['Episodes'].count('K-') == 2 and not os.environ.get('HOME'); "
    )
    answer = "print(json.dumps({'year': 2026, 'rows': {'142': [1, 9]}, 'words': {'142': 'Said.'}}))"

    def installed(script: str) -> None:
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{script}"\n')
        program.chmod(0o700)

    rows = [row("K-7", postcode=IN_KENT), row("K-1"), row("K-2"), row("K-7", postcode=IN_KENT)]
    environment = tmp_path / "validator"
    installed(fake + answer)
    found = reconciled(node, *rows, validator=environment)
    assert [(one.row, one.validator) for one in found.missing] == [(3, ()), (4, ("142",))]
    assert found.validator.words == {"142": "Said."}
    for broken in ("sys.exit(1)", "print('{}')", "print('x' * 9)"):
        installed(fake + broken)
        assert "could not be run" in reconciled(node, *rows, validator=environment).validator.absent
    nowhere = reconciled(node, *rows, validator=tmp_path / "nowhere")
    assert "could not be run" in nowhere.validator.absent
    assert len(nowhere.missing) == 2
