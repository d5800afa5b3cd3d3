"""The web server of a node: granian with one process, opening the node of HEARTH_DATA_DIR."""

from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from directory.app import create_app
from directory.database import migrate
from directory.homes.projection import project
from directory.notices.service import receive
from directory.observing import observe
from directory.settings import read_settings
from federation import open_node

THREADS = 8
BACKLOG = 256


def application() -> Flask:
    """The WSGI application of a node, for any server; keeps the node open while it lives."""
    settings = read_settings()
    observe(settings.log_level)
    return create_app(open_node(settings.data_dir, project, receive))


def serve(data_dir: Path, host: str, port: int) -> None:
    """Serve a node until the process is told to stop."""
    migrate(data_dir)
    Granian(
        "directory.running.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        websockets=False,
        log_access=False,
        log_enabled=False,
    ).serve()
