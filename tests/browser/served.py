"""A node's application on a port of this machine, for a browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from directory.app import create_app
from directory.security.rights.roles import WHOLE_NODE, Role
from federation import Node
from tests.directory.people import make_person, session_for
from tests.directory.worlds import KENT


@contextmanager
def served(node: Node, role: Role = Role.NOBODY, authority: str = KENT) -> Iterator[str]:
    """The address of the application while it runs.

    With a role, every request to it has the session of somebody who holds it, so that a test of
    other pages need not sign in.
    """
    app = create_app(node)
    if role is not Role.NOBODY:
        who = make_person(node, (role, None if role in WHOLE_NODE else authority))
        cookie = f"{app.session_interface.name}={session_for(node, who)}"  # type: ignore[attr-defined]
        inner = app.wsgi_app

        def signed_in(environ: dict[str, Any], start_response: Any) -> Any:
            return inner({**environ, "HTTP_COOKIE": cookie}, start_response)

        app.wsgi_app = signed_in  # type: ignore[method-assign]
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of an application while it runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
