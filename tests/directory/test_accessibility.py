"""The accessibility statement is for anybody, and says whom to turn to."""

from pathlib import Path

from directory.app import create_app
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, consortium, wants

PAGE = "/accessibility"


def test_anybody_reads_the_statement_and_every_page_leads_there(tmp_path: Path) -> None:
    with consortium(tmp_path, {}) as world:
        stranger = create_app(world.reader).test_client()
        assert f'href="{PAGE}"' in stranger.get("/sign-in").text
        assert f'href="{PAGE}"' in stranger.get("/no-such-page").text
        said = words_of(stranger.get(PAGE))
        assert "run for Kent" in said
        assert "partially compliant" in said
        assert "tell whoever invited you" in said
        world.say("kent-node", wants(KENT))
        assert "Kent: Placements team, placements@council.example" in words_of(stranger.get(PAGE))
        other = create_app(world.reader, contact="access@kent.example").test_client()
        assert "tell us: access@kent.example" in words_of(other.get(PAGE))
