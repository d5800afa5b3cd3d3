"""The blueprint of the API, and what its views share: the node, who asks, described problems."""

from collections.abc import Callable
from typing import Any, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app, g, request
from flask_smorest import Api, Blueprint
from marshmallow.fields import Field

from directory.api.fields import ProblemDetails
from directory.api.parsing import LARGEST_BODY, StrictParser
from directory.security.rights.principal import NOBODY
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.security.systems.service import principal_of
from federation import Node, Refused, reading
from protocols.problems import MEDIA_TYPE, Problem

PREFIX = "/api/v1"
NODE = "commonhearth.node"
View = TypeVar("View", bound=Callable[..., Any])


class _Blueprint(Blueprint):
    ARGUMENTS_PARSER = StrictParser()


class _Described(MarshmallowPlugin):
    """Schemas as the document has them: each field with its class."""

    def init_spec(self, spec: APISpec) -> None:
        super().init_spec(spec)
        if self.converter:
            self.converter.add_attribute_function(_publication)


class Surface(Api):
    """flask-smorest's API, which answers errors and describes them as problem details."""

    ERROR_SCHEMA = ProblemDetails
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        super().__init__(
            app,
            spec_kwargs={
                "title": "Commonhearth",
                "version": "1",
                "openapi_version": "3.1.0",
                "marshmallow_plugin": _Described(),
            },
        )

    def _register_error_handlers(self) -> None:
        """Errors are answered by the application, for all that it serves."""

    def _register_pagination_header(self) -> None:
        """Pages are linked to by the header Link."""


api = _Blueprint("api", __name__, url_prefix=PREFIX)


def problems(*kinds: Problem) -> Callable[[View], View]:
    """Describe problems that a view answers with, beyond those that every one can."""

    def describe(view: View) -> View:
        by_status: dict[int, list[Problem]] = {}
        for kind in kinds:
            by_status.setdefault(kind.status, []).append(kind)
        for status, same in by_status.items():
            view = api.alt_response(
                status,
                schema=ProblemDetails,
                content_type=MEDIA_TYPE,
                description=". ".join(kind.title for kind in same) + ".",
            )(view)
        return view

    return describe


def this_node() -> Node:
    """The node whose API is asked."""
    node: Node = current_app.extensions[NODE]
    return node


def admit_system(action: Action) -> None:
    """Let a system in whose token allows an action, with the authority that the address names.

    A cookie is nobody's: only the header Authorization says who asks.
    """
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise Refused(Problem.BAD_REQUEST, "Say how long the body is, with Content-Length.")
    request.max_content_length = LARGEST_BODY
    g.who = NOBODY
    if any("\0" in value for value in (request.view_args or {}).values()):
        raise Refused(Problem.NOT_FOUND, "There is nothing at this address.")
    if may(NOBODY, action):
        return
    given = request.authorization
    token = given.token if given and given.type == "bearer" else None
    if token:
        with reading(this_node().node_db) as connection:
            g.who = principal_of(connection, token, this_node().now()) or NOBODY
    if g.who is NOBODY:
        raise Refused(
            Problem.UNAUTHORIZED,
            f"Send 'Authorization: Bearer' with a token; ask for one at {PREFIX}/token.",
        )
    if not may(g.who, action, (request.view_args or {}).get("authority")):
        raise Refused(
            Problem.FORBIDDEN,
            "The token has no scope for this, or is another authority's.",
        )


def _publication(_converter: object, field: Field[Any], **_: Any) -> dict[str, str]:
    publication = field.metadata.get("publication")
    return {"x-publication": str(publication)} if publication else {}
