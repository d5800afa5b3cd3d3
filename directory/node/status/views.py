"""How the node and its peers are: a page for its administrator, and figures for who watches it.

/healthz says that this process answers, and nothing else; /readyz that the node can do its work,
or in words why not.
"""

from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue

from directory.node.status.metrics import METRICS_TYPE, as_metrics
from directory.node.status.presenters import facts, peer_rows
from directory.node.status.readiness import readiness
from directory.node.status.service import node_status
from directory.security.rights.principal import operator
from directory.web.headers import keep_out_of_caches
from directory.web.wording import ago, at
from federation import Node


def status_pages(node: Node) -> Blueprint:
    """The page of a node's status."""
    pages = Blueprint("status", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/node")
    def overview() -> ResponseReturnValue:
        status = node_status(node, g.who)
        return render_template(
            "status/node.html",
            facts=facts(status),
            peers=peer_rows(status),
            waits={
                name: f"{one.messages:,}, the first queued {ago(one.since, status.at)}"
                + (f": {one.why}" if one.why else "")
                for name, one in sorted(status.waits.items())
            },
            now=at(status.at),
        )

    @pages.get("/metrics")
    def metrics() -> Response:
        status = node_status(node, operator("metrics"))
        return Response(as_metrics(status), content_type=METRICS_TYPE)

    @pages.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @pages.get("/readyz")
    def readyz() -> Response:
        checks = readiness(node)
        ready = all(one.ready for one in checks)
        said = {
            "ready": ready,
            "checks": [{"name": one.name, "ready": one.ready, "why": one.why} for one in checks],
        }
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(msgspec.json.encode(said), status, content_type="application/json")

    return pages
