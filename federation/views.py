"""HTTP between nodes. Which route is for whom stands in `ROUTES`; a route without a row is refused.

GET  /log/…                                              our own log, see `serving`
GET  /mirror/<node>/log/…                                our copy of another member's
GET  /charter, /charter/<version>                        public
GET  /charter/<version>/erased                           members: that we destroyed what it names
POST /token                                              members prove who they are
POST /inbox/<gss>                                        members deliver a sealed message
PUT  /chunks/<digest>                                    members deliver parts of attachments
POST /ping                                               members say that their log has grown
POST /forks                                              members show that a log was forked
GET  /checkpoints                                        what is held of each log
POST /erasures                                           members say what they have erased
POST /add-checkpoint                                     logs of the charter ask for a cosignature
GET  /<hash>/checkpoint                                  what was cosigned last of a log
GET  /snapshot                                           members: what is true here today
"""

from enum import StrEnum
from http import HTTPStatus
from importlib.metadata import version
from types import MappingProxyType

from authlib.integrations.flask_oauth2 import AuthorizationServer
from flask import Blueprint, Response, abort, current_app, g, make_response, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from federation import tables
from federation.charter.warnings import why_suspended
from federation.chunks.views import serve_chunks
from federation.client import VERSION_HEADER
from federation.database import writing
from federation.erasing.views import serve_erasures
from federation.errors import ChunksMissing, NoSuchMember
from federation.forks.views import serve_forks
from federation.inbox import receive
from federation.node import Node
from federation.peers import JOSE
from federation.problems import Refused, problem
from federation.serving import FOREVER, answer, serve_logs
from federation.snapshots.issuing import served_snapshot
from federation.statements import upsert
from federation.tokens import member_of, token_server
from federation.witness.views import serve_witness
from protocols.attachments import MAX_CHUNK
from protocols.charter import Member
from protocols.errors import Malformed, NotYet
from protocols.fork import MAX_FORK
from protocols.messages import MAX_SEALED
from protocols.problems import Problem
from protocols.witnessing import MAX_ADD_CHECKPOINT

MAX_FORM = 16 * 1024
RETRY_AFTER_S = 300
NOTE = "text/plain; charset=utf-8"


class Access(StrEnum):
    """Who may use a route between nodes."""

    PUBLIC = "anyone"
    MEMBER = "an active member of the charter, with a token"


ROUTES = MappingProxyType(
    {
        "node.checkpoint": Access.PUBLIC,
        "node.tile": Access.PUBLIC,
        "node.entries": Access.PUBLIC,
        "node.charter": Access.PUBLIC,
        "node.charter_version": Access.PUBLIC,
        "node.charter_erased": Access.MEMBER,
        "node.token": Access.PUBLIC,
        "node.payloads": Access.MEMBER,
        "node.mirror_checkpoint": Access.PUBLIC,
        "node.mirror_tile": Access.PUBLIC,
        "node.mirror_entries": Access.PUBLIC,
        "node.mirror_payloads": Access.MEMBER,
        "node.inbox": Access.MEMBER,
        "node.chunk": Access.MEMBER,
        "node.ping": Access.MEMBER,
        "node.snapshot": Access.MEMBER,
        "node.erasures": Access.MEMBER,
        "node.forks": Access.MEMBER,
        "node.checkpoints": Access.PUBLIC,
        "node.add_checkpoint": Access.PUBLIC,
        "node.cosigned": Access.PUBLIC,
    }
)


LIMITS = MappingProxyType(
    {
        "node.inbox": MAX_SEALED,
        "node.chunk": MAX_CHUNK,
        "node.add_checkpoint": MAX_ADD_CHECKPOINT,
        "node.forks": MAX_FORK,
    },
)


def node_blueprint(node: Node) -> Blueprint:
    """The routes that other nodes use."""
    blueprint = Blueprint("node", __name__)
    software = version("commonhearth")

    @blueprint.record_once
    def _prepare(state) -> None:  # type: ignore[no-untyped-def]
        state.app.extensions["commonhearth.tokens"] = token_server(node, state.app)

    @blueprint.before_request
    def _guard() -> None:
        request.max_content_length = LIMITS.get(request.endpoint or "", MAX_FORM)
        access = ROUTES.get(request.endpoint or "")
        if access is None:
            abort(HTTPStatus.FORBIDDEN, "No rule says who may use this.")
        if access is Access.MEMBER:
            g.member = _member(node)

    @blueprint.after_request
    def _tell_members_our_version(response: Response) -> Response:
        if "member" in g:
            response.headers[VERSION_HEADER] = software
        return response

    @blueprint.errorhandler(HTTPException)
    def _problem(error: HTTPException) -> Response:
        return problem(error)

    @blueprint.errorhandler(Malformed)
    def _nothing_there(error: Malformed) -> Response:
        return problem(NotFound(str(error)))

    serve_logs(blueprint, node)
    _serve_charter(blueprint, node)
    _serve_members(blueprint, node)
    serve_witness(blueprint, node)
    serve_forks(blueprint, node)
    serve_erasures(blueprint, node)
    serve_chunks(blueprint, node)
    return blueprint


def _serve_charter(blueprint: Blueprint, node: Node) -> None:
    """The charter that we keep to, and every version before: anybody can check the chain."""

    @blueprint.get("/charter")
    def charter() -> Response:
        return answer(node.charters.latest.note, NOTE, "public, max-age=1")

    @blueprint.get("/charter/<int:version>")
    def charter_version(version: int) -> Response:
        chain = node.charters.chain
        if not 0 < version <= len(chain) or request.path.rpartition("/")[2] != str(version):
            abort(HTTPStatus.NOT_FOUND, "No such version of the charter is kept to here.")
        return answer(chain[version - 1].note, NOTE, FOREVER)


def _serve_members(blueprint: Blueprint, node: Node) -> None:
    """What members come for: a token, an inbox, a bell."""

    @blueprint.post("/token")
    def token() -> Response:
        server: AuthorizationServer = current_app.extensions["commonhearth.tokens"]
        return make_response(server.create_token_response())

    @blueprint.post("/inbox/<gss>")
    def inbox(gss: str) -> Response:
        return _receive(node, gss)

    @blueprint.get("/snapshot")
    def snapshot() -> Response:
        kept = served_snapshot(node)
        if kept is None or kept.text is None:
            abort(HTTPStatus.NOT_FOUND, "This node has no snapshot that holds now.")
        made = answer(kept.text.encode(), JOSE, "no-store")
        made.set_etag(str(kept.number))
        made.make_conditional(request)
        return made

    @blueprint.post("/ping")
    def ping() -> Response:
        with writing(node.node_db) as connection:
            connection.execute(
                upsert(connection, tables.ping).values(node=g.member.node).on_conflict_do_nothing()
            )
        return answer(b"", NOTE, "no-store")


def _receive(node: Node, gss: str) -> Response:
    if request.mimetype != JOSE:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send a sealed message as {JOSE}.")
    try:
        return answer(receive(node, gss, g.member, request.get_data()).encode(), JOSE, "no-store")
    except NoSuchMember as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    except ChunksMissing as error:
        missing = {"missing": error.digests}
        raise Refused(Problem.CHUNKS_MISSING, str(error), more=missing) from error
    except NotYet as error:
        raise ServiceUnavailable(str(error), retry_after=RETRY_AFTER_S) from error


def _member(node: Node) -> Member:
    """Who asks, by the bearer token (RFC 6750); answers 401 itself, and 403 who is suspended."""
    authorization = request.authorization
    token = authorization.token if authorization and authorization.type == "bearer" else None
    member = member_of(node, token) if token else None
    if member is None:
        abort(HTTPStatus.UNAUTHORIZED, "Needs a token of this node; ask for one at /token.")
    if reason := why_suspended(node, member):
        abort(HTTPStatus.FORBIDDEN, f"{reason}.")
    return member
