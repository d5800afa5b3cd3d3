"""How the web server's process is started; apart from its code, which only it needs to load."""

import sys

THREADS = 8


def web_command(host: str, port: int) -> list[str]:
    """The command line of the web server; the node is that of HEARTH_DATA_DIR."""
    return [
        *(sys.executable, "-m", "granian"),
        *("--interface", "wsgi", "--factory", "directory.running.web:application"),
        *("--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(THREADS)),
        *("--no-ws", "--log-level", "warning"),
    ]
