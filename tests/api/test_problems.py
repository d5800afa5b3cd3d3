"""Every kind of problem is described, and says nothing of what went on inside."""

import re
from pathlib import Path

import pytest
from flask import Flask

from protocols.problems import Problem, problem_of
from tests.api.systems import API, SystemClient

PAGE = Path(__file__).parents[2] / "docs" / "problems.md"


def test_every_kind_is_described_with_its_status() -> None:
    described = re.findall(
        r"^\| `(urn:[a-z:-]+)` \| (\d+) \| .+ \|$", PAGE.read_text("utf-8"), re.M
    )
    assert described == [(kind.type, str(kind.status)) for kind in Problem]


def test_every_status_has_a_kind() -> None:
    for status in range(400, 600):
        assert problem_of(status).status // 100 == status // 100


def test_what_breaks_inside_stays_inside(
    app: Flask, system: SystemClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    bearer = system.bearer
    monkeypatch.setattr("directory.api.homes.search", breaks)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().get(f"{API}/homes", headers={"Authorization": bearer})
    assert answer.status_code == 500
    assert answer.get_json() == {
        "type": Problem.INTERNAL_ERROR.type,
        "title": Problem.INTERNAL_ERROR.title,
        "status": 500,
    }
