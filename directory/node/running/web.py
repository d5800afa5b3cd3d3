"""One process of a node's web server, with the node of HEARTH_DATA_DIR."""

import os
import signal
import threading
from multiprocessing import parent_process

import structlog
from flask import Flask

from directory.app import create_app
from directory.arriving import receive
from directory.homes.projection import project
from directory.observing import observe
from directory.security.mail.setting_up import mailer
from directory.security.vault.erasures import replay_erasures
from directory.settings import read_settings
from federation import destroy_again, open_node, refuse_foreign

_log = structlog.get_logger("web")


def application() -> Flask:
    """The WSGI application of a node, for any server; keeps the node open while it lives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    observe(settings.log_level)
    node = open_node(settings.data_dir, project, receive, database=settings.database)
    refuse_foreign(node)
    replay_erasures(node)
    destroy_again(node)
    app = create_app(
        node,
        settings.public_url,
        mailer(settings),
        settings.clamav,
        settings.contact,
        settings.validator,
    )
    _log.info("web process ready", process=os.getpid())
    return app


def _end_with_parent() -> None:
    """Whoever has started this process would not know of it any more, and nobody could stop it."""
    if parent := parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
