"""A node's processes that die where they are told to, and that a network may be cut off from.

Each is forked with everything loaded. Beside the folder of the node NAME lies its fate, which a
test writes:

NAME.doom   a `Doom`: the first thread that enters its phase takes the file, and its process kills
            itself there with SIGKILL
NAME.cut    a `Cut`: whom this node's requests do not reach, or whose answers do not reach it
"""

import faulthandler
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import msgspec
import requests
from msgspec import Struct
from sqlalchemy import Engine, event
from werkzeug.serving import make_server

import federation.client
import federation.following
import federation.outbox
import federation.sequencer
import federation.views
import federation.witness.committee
import federation.witness.views
import federation.worker
from directory.nodes import opened
from directory.observing import observe
from federation import Node, Worker
from tests.federation import deeds
from tests.federation.servers import HERE, Quiet, Tampering
from tests.federation.worlds import application

Function: TypeAlias = Callable[..., Any]

PHASES: dict[str, list[tuple[ModuleType, str]]] = {
    "handing in": [(deeds, "hand_in")],
    "publishing": [(federation.sequencer, "_append"), (federation.sequencer, "sign")],
    "applying": [(federation.following, "_apply")],
    "delivering": [(federation.outbox, "_deliver_batch"), (federation.outbox, "_deliver")],
    "receiving": [(federation.views, "receive")],
    "witnessing": [
        (federation.witness.views, "add_checkpoint"),
        (federation.witness.committee, "ask"),
    ],
    "erasing": [
        (deeds, "erase_home"),
        (federation.following, "obey"),
        (federation.following, "forget_deleted"),
    ],
}
"""The functions in which each phase is done, where they are looked up."""


class Doom(Struct):
    """In which phase a process dies: before so many statements more, or after so many milliseconds,
    and at the latest when it leaves the phase; so after the commit, and before anybody is told.
    """

    phase: str
    statements: int | None = None
    milliseconds: float = 0.0


class Cut(Struct):
    """Addresses that cannot be reached; with `answers`, only what they answer is lost."""

    urls: list[str]
    answers: bool = False


def web(folder: Path, fate: Path, port: int, behind: timedelta) -> None:
    """Serve a node for ever, by a clock that is so far behind."""
    with _mortal_node(folder, fate, behind) as node:
        app = Tampering(lambda: application(node), node.now)
        make_server(HERE, port, app, threaded=True, request_handler=Quiet).serve_forever()


def worker(folder: Path, fate: Path, behind: timedelta) -> None:
    """Publish, deliver and follow for ever, in small batches and without patience."""
    federation.sequencer.BATCH = 3
    federation.worker.CHORES_S = 2.0
    federation.worker.BACK_OFF_S = federation.witness.committee.BACK_OFF_S = 0.1
    federation.outbox.FIRST_RETRY_S, federation.outbox.LONGEST_RETRY_S = 0.1, 1.0
    with _mortal_node(folder, fate, behind) as node:
        Worker(node, poll_s=2.0).run(threading.Event())


def hand_in(folder: Path, fate: Path, records: Sequence[tuple[str, bytes]]) -> None:
    """Hand records in, as an officer's command does."""
    with _mortal_node(folder, fate, timedelta()) as node:
        deeds.hand_in(node, records)


def erase(folder: Path, fate: Path, urns: Sequence[str]) -> None:
    """Erase homes, as an officer's command does; again, where that was begun before."""
    with _mortal_node(folder, fate, timedelta()) as node:
        for urn in urns:
            deeds.erase_home(node, urn)


@contextmanager
def _mortal_node(folder: Path, fate: Path, behind: timedelta) -> Iterator[Node]:
    """A node whose process dies as its fate has it, and writes what it has to say beside that."""
    log = os.open(fate / f"{folder.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    observe("INFO")
    faulthandler.enable()
    for phase, acts in PHASES.items():
        for module, name in acts:
            act = getattr(module, name)
            setattr(module, name, _mortal(act, phase, fate / f"{folder.name}.doom"))
    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, _count_down)
    _cut_off(fate / f"{folder.name}.cut")
    with opened(folder) as node:
        yield replace(node, now=lambda: datetime.now(UTC) - behind)


# --- Death --------------------------------------------------------------------------------------


class _Doomed(threading.local):
    """How many statements this thread still makes; None where it lives on."""

    left: int | None = None


_doomed = _Doomed()


def _mortal(act: Function, phase: str, file: Path) -> Function:
    def until_it_dies(*given: Any, **named: Any) -> Any:
        doom = _take(file, phase)
        if doom is None:
            return act(*given, **named)
        if doom.statements is None:
            threading.Timer(doom.milliseconds / 1000, _die).start()
        _doomed.left = doom.statements
        _count_down()
        outcome = act(*given, **named)
        _die()
        return outcome

    return until_it_dies


def _take(file: Path, phase: str) -> Doom | None:
    """The doom that is laid on this phase, if any: by one thread of one process alone."""
    try:
        doom = msgspec.json.decode(file.read_bytes(), type=Doom)
        if doom.phase != phase:
            return None
        file.rename(file.with_suffix(".taken"))
    except FileNotFoundError:
        return None
    return doom


def _count_down(*_: object) -> None:
    if _doomed.left is not None:
        if _doomed.left == 0:
            _die()
        _doomed.left -= 1


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


# --- The network --------------------------------------------------------------------------------


def _cut_off(file: Path) -> None:
    """Lose requests, or answers, where this process would reach the network."""
    send = federation.client._Adapter.send

    def send_unless_cut(adapter: Any, request: requests.PreparedRequest, **how: Any) -> Any:
        try:
            cut = msgspec.json.decode(file.read_bytes(), type=Cut)
        except FileNotFoundError:
            cut = Cut([])
        lost = any(str(request.url).startswith(url) for url in cut.urls)
        if lost and not cut.answers:
            raise requests.ConnectionError("cut off")
        response = send(adapter, request, **how)
        if lost:
            response.close()
            raise requests.ConnectionError("cut off")
        return response

    setattr(federation.client._Adapter, "send", send_unless_cut)  # noqa: B010
