"""How the web server is started; apart from its code, which only its processes need to load."""

import os
import socket
import sys
from contextlib import closing

from directory.errors import DirectoryError

APPLICATION = "directory.node.running.web:application"


class CannotListen(DirectoryError):
    """The web server's address is taken, or not this machine's."""


def web_command(host: str, port: int, processes: int, application: str = APPLICATION) -> list[str]:
    """The command line of the web server; the node is that of HEARTH_DATA_DIR."""
    server = (sys.executable, "-m", "directory.node.running.serving")
    return [*server, host, str(port), str(processes), application]


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
