"""`openapi.yaml` says what the API does now."""

from directory.api.document import FILE, as_yaml, document


def test_the_document_is_what_the_schemas_say() -> None:
    assert FILE.read_text("utf-8") == as_yaml(), "openapi.yaml is stale: run `make openapi`"


def test_every_operation_says_who_may_and_what_can_go_wrong() -> None:
    for path, methods in document()["paths"].items():
        for method in set(methods) & {"get", "post"}:
            operation = methods[method]
            assert "security" in operation, path
            assert operation["summary"], path
            assert "500" in operation["responses"], path
