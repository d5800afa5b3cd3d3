"""Putting the API into an application: every view, and what each needs."""

from flask import Flask

import directory.api.audit
import directory.api.authorities
import directory.api.changes
import directory.api.codes
import directory.api.commissioning
import directory.api.diligence
import directory.api.followed
import directory.api.following
import directory.api.homes
import directory.api.lived_in
import directory.api.matches
import directory.api.notices
import directory.api.placements
import directory.api.refusing
import directory.api.searches
import directory.api.shortlists
import directory.api.statements
import directory.api.vacancies  # noqa: F401 - imported so that their views and answers are known
from directory.api.surface import NODE, Surface, api
from directory.api.tokens import serve_tokens
from federation import Node


def serve_api(app: Flask, node: Node) -> None:
    """The API of a node."""
    app.extensions[NODE] = node
    serve_tokens(app, node)
    app.register_blueprint(api)


def describe(app: Flask) -> Surface:
    """Every view of the API in an application, and its description, which takes longer to make than
    all else of an application.
    """
    surface = Surface(app)
    surface.register_blueprint(api)
    return surface
