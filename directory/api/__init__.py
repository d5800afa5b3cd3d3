"""The API for people's own systems: HTTP and JSON, described in `openapi.yaml`."""
