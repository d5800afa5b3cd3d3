"""How the web server's process is started; apart from its code, which only it needs to load."""

import os
import socket
import sys
from contextlib import closing

from directory.errors import DirectoryError

THREADS = 4
# A process of granian's that is told to stop while it still loads the application forgets it.
STOP_S = 5


class CannotListen(DirectoryError):
    """The web server's address is taken, or not this machine's."""


def web_command(
    host: str, port: int, application: str = "directory.node.running.web:application"
) -> list[str]:
    """The command line of the web server; the node is that of HEARTH_DATA_DIR."""
    return [
        *(sys.executable, "-m", "granian"),
        *("--interface", "wsgi", "--factory", application),
        *("--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(THREADS)),
        *("--workers-kill-timeout", str(STOP_S), "--no-ws", "--log-level", "error"),
    ]


def check_address(host: str, port: int) -> None:
    """Raise CannotListen, before anything is started, where a web server could not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise CannotListen(
            f"Nothing can listen on {host}:{port}: {why}. Stop what uses it (is this node running "
            "already?), or choose another with --port."
        ) from error
