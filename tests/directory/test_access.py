"""Every route has a row in the table of who may use it, and no row is without its route."""

from pathlib import Path

from directory.access import LOOPBACK, TABLE
from directory.app import create_app
from tests.directory.worlds import consortium

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    with consortium(tmp_path, {}) as world:
        app = create_app(world.reader)
        assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(TABLE)


def test_a_route_without_a_row_is_refused(tmp_path: Path) -> None:
    with consortium(tmp_path, {}) as world:
        app = create_app(world.reader)
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
        answer = app.test_client().get("/forgotten")
        assert answer.status_code == 403
        assert b"secret" not in answer.data


def test_what_is_for_this_machine_is_refused_to_others(tmp_path: Path) -> None:
    with consortium(tmp_path, {}) as world:
        app = create_app(world.reader)
        for rule in app.url_map.iter_rules():
            if TABLE[rule.endpoint] == LOOPBACK:
                path = rule.rule.replace("<urn>", "1").replace("<path:filename>", "init.js")
                answer = app.test_client().get(path, environ_overrides=ELSEWHERE)
                assert answer.status_code == 403, path
