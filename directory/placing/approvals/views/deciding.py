"""The forms about an approval on a placement's page; each is answered with the page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.placing.approvals.consulting import consult
from directory.placing.approvals.errors import ApprovalError
from directory.placing.approvals.schemas import ConsultForm, DecisionForm, StepForm, WithoutForm
from directory.placing.approvals.service import decide, go_on_without, record_step
from directory.placing.register.views.common import placement_id, placement_pages, read_why
from directory.placing.register.views.one import ask_why, whole
from directory.security.rights.errors import NotAllowed
from directory.web.forms import Form
from federation import Node, writing


def approval_pages(node: Node) -> Blueprint:
    """What is posted about an approval from a placement's page."""
    pages = placement_pages("approving", __name__, "/<placement>/approval")

    @pages.post("/step")
    def step(authority: str, placement: str) -> ResponseReturnValue:
        def do(connection: Connection, said: dict[str, Any]) -> None:
            record_step(connection, node, g.who, authority, placement, said["step"], said["text"])

        return _do(node, authority, placement, StepForm(), do, "What you recorded is kept.", "step")

    @pages.post("/decision")
    def decision(authority: str, placement: str) -> ResponseReturnValue:
        def do(connection: Connection, said: dict[str, Any]) -> None:
            decide(connection, node, g.who, authority, placement, said["outcome"], said["why"])

        return _do(
            node, authority, placement, DecisionForm(), do, "Your decision is kept.", "outcome"
        )

    @pages.post("/without")
    def without(authority: str, placement: str) -> ResponseReturnValue:
        def do(connection: Connection, said: dict[str, Any]) -> None:
            go_on_without(connection, node, g.who, authority, placement, said["without"])

        return _do(node, authority, placement, WithoutForm(), do, "The reason is kept.", "without")

    @pages.post("/consultation")
    def ask(authority: str, placement: str) -> ResponseReturnValue:
        def do(connection: Connection, _said: dict[str, Any]) -> None:
            consult(connection, node, g.who, authority, placement)

        sent = "The area authority is asked. Its answer will stand here."
        return _do(node, authority, placement, ConsultForm(), do, sent, "consult")

    return pages


def _do(
    node: Node,
    authority: str,
    placement: str,
    form: Form,
    do: Callable[[Connection, dict[str, Any]], None],
    done: str,
    field: str,
) -> ResponseReturnValue:
    """Do what a form asks, or say at `field` why not."""
    number = placement_id(placement)
    reason, problems = read_why()
    if not reason:
        return ask_why(node, authority, number, problems)
    try:
        said = form.load(request.form)
        with writing(node.node_db) as connection:
            do(connection, said)
    except ValidationError as error:
        problems = form.problems(error)
    except (ApprovalError, NotAllowed) as error:
        problems = {field: str(error)}
    return whole(node, authority, number, reason, problems, "" if problems else done)
