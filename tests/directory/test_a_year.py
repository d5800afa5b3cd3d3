"""A year of placements between nine authorities: whatever befalls their nodes, each notice that
should exist does, exactly once, both sides know the same of it, and a return finds exactly what was
left out on purpose.

Ten days go without a network between the nodes; a year goes over HTTP, each node at an address and
by a clock of its own, with tokens and all.
"""

import random
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.notices.models import sent_notice
from directory.placing.reconciling.service import reconcile
from federation import reading
from tests.directory.year import AREAS, MERGED, WHO, Year
from tests.federation.worlds import Clock, found


@pytest.mark.parametrize(
    ("days", "by_http"), [(10, False), pytest.param(365, True, marks=pytest.mark.soak)]
)
def test_every_notice_that_should_exist_does_once_and_a_return_finds_those_left_out(
    tmp_path: Path, days: int, *, by_http: bool
) -> None:
    urls = None if by_http else {name: f"http://127.0.0.1:9/{name}" for name in AREAS}
    served = {name: (gss,) for name, gss in AREAS.items()}
    with found(tmp_path, *AREAS, served=served, urls=urls, clock=Clock()) as world:
        year = Year(world, random.Random(days), days, by_http)
        year.live()
        told = [one for one in year.placed if one.told]
        assert year.received() == Counter((one.identifier, AREAS[one.placing]) for one in told)
        for one in told:
            if MERGED not in (one.placing, one.area):
                assert year.known(one) == [one.as_said()] * 2
        assert not [one for one, _ in year.asked if not one.withdrawn]
        for name in (name for name in AREAS if name != MERGED):
            node = world[name]
            with reading(node.node_db) as connection:
                unanswered = connection.execute(
                    select(sent_notice.c.area_authority).where(
                        sent_notice.c.placing_authority == AREAS[name],
                        sent_notice.c.acknowledged_at.is_(None),
                    )
                ).all()
            assert {row.area_authority for row in unanswered} <= {AREAS[MERGED]}
            episodes, left_out, end_left_out = year.a_return(name)
            result = reconcile(
                *(node, WHO, AREAS[name], BytesIO(episodes)), reason="A year is over"
            )
            assert {one.row for one in result.missing} == left_out, name
            assert {one.row for one in result.ended_not_told} == end_left_out, name
        for happened in (
            lambda one: not one.told,
            lambda one: one.ended_on,
            lambda one: one.withdrawn,
            lambda one: not one.end_told,
            lambda one: one.urn != one.first_urn,
        ):
            assert any(map(happened, year.placed))
        assert year.answered
