"""Where an authority's system gets its token (RFC 6749 sections 4.4 and 5)."""

from authlib.integrations.flask_oauth2 import AuthorizationServer
from flask import Flask, Response, current_app, jsonify, make_response, request
from marshmallow import EXCLUDE, Schema, fields, validate

from directory.api.fields import AUTHORITY, PUBLIC, of
from directory.api.surface import api, problems
from directory.security.rights.roles import Scope
from directory.security.systems.tokens import token_server
from federation import Node
from protocols.problems import Problem

FORM = "application/x-www-form-urlencoded"
_SERVER = "commonhearth.system-tokens"
_ONE = "|".join(Scope)


class TokenRequest(Schema):
    """What a system asks with. Its id and secret stand in the header Authorization."""

    class Meta:
        unknown = EXCLUDE  # what the standard asks for

    grant_type = fields.String(
        required=True,
        validate=validate.OneOf(["client_credentials"]),
        metadata=of(PUBLIC, "Always client_credentials."),
    )
    scope = fields.String(
        validate=validate.Regexp(f"^({_ONE})( ({_ONE}))*$"),
        metadata=of(PUBLIC, "Scopes parted by spaces; all that the system has when left out."),
    )


class Token(Schema):
    """A token."""

    access_token = fields.String(required=True, metadata=of(AUTHORITY, "The token."))
    token_type = fields.String(
        required=True, validate=validate.Equal("Bearer"), metadata=of(PUBLIC, "How it is sent.")
    )
    expires_in = fields.Integer(required=True, metadata=of(PUBLIC, "Seconds that it lives."))
    scope = fields.String(required=True, metadata=of(PUBLIC, "What it allows."))


class TokenError(Schema):
    """Why there is no token (RFC 6749 section 5.2)."""

    error = fields.String(required=True, metadata=of(PUBLIC, "Which error of the standard's."))
    error_description = fields.String(metadata=of(PUBLIC, "What happened."))


@api.route("/token", endpoint="token", methods=["POST"])
@api.doc(
    requestBody={
        "required": True,
        "content": {FORM: {"schema": TokenRequest}},
    },
    security=[{"secret": []}],
)
@api.response(200, Token)
@api.alt_response(400, schema=TokenError, description="The request is not one for a token.")
@api.alt_response(401, schema=TokenError, description="No system has this id and secret.")
@problems(Problem.TOO_MANY_REQUESTS)
def get_token() -> Response:
    """Get a token

    Client credentials (RFC 6749 section 4.4). A token lives ten minutes; ask for another one then.
    """
    if request.query_string or request.mimetype != FORM:
        return _refused(f"Send a form as {FORM}, and nothing in the address.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        return _refused("A parameter stands there twice.")
    server: AuthorizationServer = current_app.extensions[_SERVER]
    return make_response(server.create_token_response())


def serve_tokens(app: Flask, node: Node) -> None:
    """Give the application what the endpoint needs."""
    app.extensions[_SERVER] = token_server(node)


def _refused(why: str) -> Response:
    response = jsonify(error="invalid_request", error_description=why)
    response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    return response
