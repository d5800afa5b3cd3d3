"""A node's log as strangers read it, who know the published specifications and nothing of us.

How the Go client's module comes to be installed stands in tests/vectors/README.md; `make go` does
it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from protocols.encoding import b64
from protocols.merkle import Frontier, leaf_hash
from tests.federation.servers import flipped
from tests.federation.worlds import World, own_entries, small_records
from tests.stranger.pystranger import Refused, check_log

SIZES = [0, 1, 255, 256, 257, 700, pytest.param(66_000, marks=pytest.mark.soak)]
STRANGER = Path(__file__).parents[1] / "stranger"
GO_PATH = Path("/usr/share/gocode")

needs_go = pytest.mark.skipif(
    not (shutil.which("go") and (GO_PATH / "src/golang.org/x/mod").is_dir()),
    reason="Debian's golang-go and golang-golang-x-mod-dev are not installed; see `make go`",
)


def go_build(source: Path, made: Path) -> Path:
    """The program in a folder, built with Debian's packages alone."""
    subprocess.run(
        ["go", "build", "-o", str(made), "."],
        cwd=source,
        env=os.environ
        | {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOFLAGS": "-buildvcs=false"},
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(params=SIZES)
def log(found: Callable[..., World], request: pytest.FixtureRequest) -> tuple[World, str, str]:
    """A served log of a size, reached in two steps; its prefix and verifier key."""
    world = found("kent")
    world.publish("kent", *small_records(request.param // 2))
    world.publish("kent", *small_records(request.param - request.param // 2))
    return world, *address(world)


def address(world: World) -> tuple[str, str]:
    member = world.member("kent")
    return f"{member.url}/log", member.log_verifiers[0].vkey


def as_it_is(world: World) -> dict[str, str | int]:
    entries = own_entries(world["kent"])
    root = Frontier().extend(map(leaf_hash, entries))[0].root()
    return {"origin": world.member("kent").origin, "size": len(entries), "root": b64(root)}


def test_a_stranger_in_python_accepts_our_log(log: tuple[World, str, str]) -> None:
    world, prefix, vkey = log
    said = check_log(prefix, vkey)
    assert as_it_is(world).items() <= said.items()
    assert said["entries"] == said["inclusion_proofs"] == said["size"]


@pytest.fixture(scope="session")
def go_stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return go_build(STRANGER, tmp_path_factory.mktemp("go") / "stranger")


@pytest.mark.go
@needs_go
def test_a_stranger_in_go_accepts_our_log(log: tuple[World, str, str], go_stranger: Path) -> None:
    world, prefix, vkey = log
    ended = subprocess.run([go_stranger, prefix, vkey], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert as_it_is(world).items() <= said.items()


@pytest.mark.go
@needs_go
def test_a_stranger_in_go_accepts_a_mirror_s_copy(
    found: Callable[..., World], go_stranger: Path
) -> None:
    world = found("kent", "leeds")
    world.publish("kent", *small_records(700))
    world.follow("leeds", "kent")
    _, vkey = address(world)
    copy = f"{world.member('leeds').url}/mirror/kent/log"
    ended = subprocess.run([go_stranger, copy, vkey], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert as_it_is(world).items() <= json.loads(ended.stdout).items()


@pytest.mark.parametrize(
    "path",
    ["/log/checkpoint", "/log/tile/0/001", "/log/tile/1/000.p/2", "/log/tile/entries/002.p/188"],
)
def test_strangers_refuse_what_is_tampered_with(found: Callable[..., World], path: str) -> None:
    world = found("kent")
    world.publish("kent", *small_records(700))
    world.hostile("kent").on(path, flipped(8 * 40))
    with pytest.raises(Refused):
        check_log(*address(world))


def test_a_stranger_asks_for_nothing_that_is_for_members(found: Callable[..., World]) -> None:
    world = found("kent")
    world.publish("kent", *small_records(300))
    check_log(*address(world))
    asked = world.hostile("kent").asked
    assert asked
    assert {path.split("/")[1] for path in asked} == {"log"}
    assert not any("payloads" in path for path in asked)
