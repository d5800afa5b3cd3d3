"""The web server of a node: granian, with the node of HEARTH_DATA_DIR."""

from flask import Flask

from directory.app import create_app
from directory.arriving import receive
from directory.homes.projection import project
from directory.observing import observe
from directory.security.mail.setting_up import mailer
from directory.security.vault.erasures import replay_erasures
from directory.settings import read_settings
from federation import destroy_again, open_node, refuse_foreign


def application() -> Flask:
    """The WSGI application of a node, for any server; keeps the node open while it lives."""
    settings = read_settings()
    observe(settings.log_level)
    node = open_node(settings.data_dir, project, receive, database=settings.database)
    refuse_foreign(node)
    replay_erasures(node)
    destroy_again(node)
    return create_app(
        node,
        settings.public_url,
        mailer(settings),
        settings.clamav,
        settings.contact,
        settings.validator,
    )
