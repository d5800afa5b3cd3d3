"""`openapi.yaml` says what the API does now."""

from typing import Any

import schemathesis

from directory.api.document import FILE, as_yaml, document
from directory.api.examples import CONTACT, NOTICE_TO_SEND
from directory.api.from_structs import schema_of
from directory.api.notices import NoticeToSend
from protocols.notices import Contact


def test_the_document_is_what_the_schemas_say() -> None:
    assert FILE.read_text("utf-8") == as_yaml(), "openapi.yaml is stale: run `make openapi`"


def test_the_document_is_one_of_openapi_3_1() -> None:
    assert document()["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document()).validate()


def test_what_the_document_shows_is_what_is_accepted() -> None:
    sending: Any = NoticeToSend().load(NOTICE_TO_SEND)
    assert sending["notice"].child.given_name == "Robin"
    assert schema_of(Contact)().load(CONTACT).name == "Sam Okafor"


def test_every_operation_says_who_may_and_what_can_go_wrong() -> None:
    for path, methods in document()["paths"].items():
        for method in set(methods) & {"get", "post"}:
            operation = methods[method]
            assert "security" in operation, path
            assert operation["summary"], path
            assert "500" in operation["responses"], path
