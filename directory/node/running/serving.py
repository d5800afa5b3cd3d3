"""The web server: granian with several processes, which all answer at one address.

What the application is made of is loaded once, before the processes part: so they are there
sooner, also after one has crashed, and share the memory that it takes. One that ends by itself is
told in the log and started anew; one that does so again within seconds ends all, so that a node
that cannot work does not seem to. https://github.com/emmett-framework/granian
"""

import gc
import logging
import sys
from importlib import import_module

import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from directory.observing import observe
from directory.settings import read_settings

_log = structlog.get_logger("web")

THREADS = 2
"""In which a process answers; the others of its requests wait."""
# A process that is told to stop while it still opens the node forgets it.
_STOP_S = 5


class Told(logging.Handler):
    """What granian says, as events of our log. Its workers are not ours: they answer the web."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one on, without the traceback, in which anything could stand."""
        says = record.getMessage().replace("worker-", "web process ")
        _log.log(record.levelno, "web server", says=says)


_LOGGING = {
    "handlers": {"ours": {"class": f"{__name__}.{Told.__name__}"}},
    "loggers": {"_granian": {"handlers": ["ours"], "propagate": False}},
}


def serve(host: str, port: int, processes: int, application: str) -> None:
    """Answer at an address until SIGTERM or SIGINT. `application` is MODULE:FACTORY.

    Ends the process with status 1 where it could not go on.
    """
    observe(read_settings().log_level)
    import_module(application.partition(":")[0])
    # What is collected is written to, and what is written to is no longer shared:
    # https://docs.python.org/3/library/gc.html#gc.freeze
    gc.collect()
    gc.freeze()
    Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=processes,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_S,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    ).serve()


if __name__ == "__main__":
    at, on, count, named = sys.argv[1:]
    serve(at, int(on), int(count), named)
