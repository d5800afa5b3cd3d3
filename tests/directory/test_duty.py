"""Whom to call at an authority today: said to members by the node that serves it."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from directory.cli import main
from directory.security.audit.models import audit_row
from federation import Node, Peer, reading, take_snapshot
from tests.federation.worlds import World, found, true_time


def hearth(node: Node, *command: str) -> Any:
    """What a command prints as JSON; it must succeed."""
    ended = CliRunner().invoke(main, [*command, "--json", "--data-dir", str(node.folder)])
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)


def said(node: Node) -> list[tuple[str, str]]:
    return [
        (one["authority"], one["contact"]["telephone"])
        for one in hearth(node, "duty", "list")["contacts"]
    ]


def test_what_is_set_here_is_listed_there_and_replaced_and_removed(tmp_path: Path) -> None:
    with found(tmp_path, "kent", "leeds", clock=true_time) as world:
        kent, leeds = world["kent"], world["leeds"]
        assert said(leeds) == []
        hearth(kent, "duty", "set", "--telephone", "01632 Xylophone", "--hours", "always")
        fetch(world)
        assert said(leeds) == said(kent) == [("Kent", "01632 Xylophone")]
        hearth(kent, "duty", "set", "--telephone", "01632 960001", "--hours", "always")
        fetch(world)
        assert said(leeds) == [("Kent", "01632 960001")]
        with reading(kent.node_db) as connection:
            rows = connection.execute(audit_row.select()).all()
        assert [row.action for row in rows].count("set the duty contact") == 2
        for node in (kent, leeds):
            kept = [one.read_bytes() for one in node.folder.rglob("*") if one.is_file()]
            assert not any(b"Xylophone" in one for one in kept)
        hearth(kent, "duty", "remove")
        fetch(world)
        assert said(leeds) == []


def fetch(world: World) -> None:
    peer = Peer(world["leeds"], world["kent"].member)
    take_snapshot(world["leeds"], peer)
    peer.close()
