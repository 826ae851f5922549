"""The OpenAPI document: up to date, complete, and kept to."""

from __future__ import annotations

import json
import zlib
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from dyntables.server.app import create_app
from tests.server.conftest import Served, settings_for_tests
from tools.api_page import PAGE, api_page
from tools.openapi import DOCUMENT, openapi

_DOCUMENT = create_app(settings_for_tests()).openapi()


def test_the_committed_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == openapi(), "run: make openapi"


def test_the_page_of_the_api_is_up_to_date() -> None:
    assert PAGE.read_text() == api_page(), "run: make openapi"


def test_it_is_served(served: httpx.Client) -> None:
    assert served.get("/openapi.json").json() == json.loads(DOCUMENT.read_text())


def test_every_operation_and_schema_is_described() -> None:
    for path, operations in _DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("description"), (method, path)
            assert operation["tags"], (method, path)
            assert "4XX" in operation["responses"], (method, path)
    for name, schema in _DOCUMENT["components"]["schemas"].items():
        assert schema.get("description") or name.startswith("Page_"), name


def test_the_live_messages_are_in_it() -> None:
    schemas: dict[str, Any] = _DOCUMENT["components"]["schemas"]
    kinds = {"Hello", "Heartbeat", "Resync", "TableStatus", "RefreshFinished", "GraphChanged", "Metrics"}
    assert kinds <= set(schemas)
    assert schemas["Missed"]["properties"]["messages"]["items"]["discriminator"]["propertyName"] == "type"


schema = schemathesis.openapi.from_dict(_DOCUMENT)


# The end of a sign-in and slow waits are left out; all the rest is called with whatever the document allows, and more.
@pytest.mark.filterwarnings("ignore")
@schema.exclude(path_regex="auth/logout").parametrize()
@settings(
    max_examples=8, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_nothing_makes_it_fail(case: schemathesis.Case, server_at_work: Served) -> None:
    if isinstance(case.query, dict):
        case.query.pop("wait", None)
    named = {"schema", "name"} == set(case.path_parameters or {}) and case.method in ("GET", "POST")
    if named and zlib.crc32(str(case.query).encode()) % 2:
        # What does not exist is refused at once; half of the time let there be something to work on.
        case.path_parameters = {"schema": "public", "name": "by_month"}
    answer = case.call(base_url=server_at_work.address, headers={"X-CSRF-Token": "demo"}, timeout=30)
    case.validate_response(answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance])
