"""Every role against every endpoint: who may is let through to the handler, who may not is refused before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.server.app import create_app
from dyntables.server.security import tokens, users
from dyntables.server.security.roles import Role
from tests.server.conftest import Served, serving, settings_for_tests

V, OP, E, A = Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN
T = "/api/v1/dynamic-tables/public/missing"
Q = "/api/v1/quality/tables/public/missing"
RULE = {"schema_name": "public", "table_name": "missing", "name": "r", "kind": "not_null", "arguments": ["a"]}
NIL = "00000000-0000-0000-0000-000000000000"

# Operation → role, method and path, body. None is open to all.
NEEDED: dict[str, tuple[Role | None, str, str, object]] = {
    "show_overview": (V, "GET", "/api/v1/overview", None),
    "show_system": (V, "GET", "/api/v1/system", None),
    "show_health": (None, "GET", "/api/v1/system/health", None),
    "show_ready": (None, "GET", "/api/v1/system/ready", None),
    "show_preparation": (V, "GET", "/api/v1/preparation", None),
    "list_tables": (V, "GET", "/api/v1/dynamic-tables", None),
    "create_table": (E, "POST", "/api/v1/dynamic-tables", {"sql": "x"}),
    "list_dropped": (V, "GET", "/api/v1/dynamic-tables/dropped", None),
    "undrop_table": (E, "POST", f"{T}/undrop", None),
    "show_table": (V, "GET", T, None),
    "alter_table": (OP, "PATCH", T, {"target_lag": "1 hour"}),
    "drop_table": (E, "DELETE", T, None),
    "refresh_table": (OP, "POST", f"{T}/refresh", None),
    "verify_table": (OP, "POST", f"{T}/verify", None),
    "cancel_refresh": (OP, "POST", f"{T}/cancel", None),
    "show_plan": (V, "GET", f"{T}/plan", None),
    "predict_refresh": (V, "GET", f"{T}/changes", None),
    "show_lag": (V, "GET", f"{T}/lag", None),
    "explain_lateness": (V, "GET", f"{T}/why-late", None),
    "show_lineage": (V, "GET", f"{T}/lineage", None),
    "show_critical_path": (V, "GET", f"{T}/critical-path", None),
    "preview_table": (V, "GET", f"{T}/preview", None),
    "list_versions": (V, "GET", f"{T}/versions", None),
    "list_activity": (V, "GET", f"{T}/activity", None),
    "list_refreshes": (V, "GET", "/api/v1/refreshes", None),
    "list_running": (V, "GET", "/api/v1/refreshes/running", None),
    "show_refresh": (V, "GET", "/api/v1/refreshes/1", None),
    "end_blocker": (A, "POST", "/api/v1/sessions/1/end", None),
    "show_graph": (V, "GET", "/api/v1/graph", None),
    "show_columns": (V, "GET", "/api/v1/graph/columns", None),
    "list_sources": (V, "GET", "/api/v1/sources", None),
    "validate_draft": (E, "POST", "/api/v1/validate", {"sql": "x"}),
    "explain_draft": (E, "POST", "/api/v1/explain", {"sql": "x"}),
    "list_completions": (V, "GET", "/api/v1/completions", None),
    "list_templates": (V, "GET", "/api/v1/templates", None),
    "run_query": (V, "POST", "/api/v1/queries", {"sql": "SELECT 1"}),
    "explain_query": (V, "POST", "/api/v1/queries/explain", {"sql": "SELECT 1"}),
    "list_queries": (V, "GET", "/api/v1/queries", None),
    "cancel_query": (V, "DELETE", f"/api/v1/queries/{NIL}", None),
    "list_operations": (V, "GET", "/api/v1/operations", None),
    "show_operation": (V, "GET", f"/api/v1/operations/{NIL}", None),
    "cancel_operation": (OP, "POST", f"/api/v1/operations/{NIL}/cancel", None),
    "list_audit": (V, "GET", "/api/v1/audit", None),
    "poll_messages": (V, "GET", "/api/v1/live/messages", None),
    "list_metrics": (V, "GET", "/api/v1/metrics", None),
    "show_metric": (V, "GET", "/api/v1/metrics/lag_seconds", None),
    "list_alerts": (V, "GET", "/api/v1/alerts", None),
    "show_alert": (V, "GET", f"/api/v1/alerts/{'0' * 16}", None),
    "acknowledge_alert": (OP, "POST", f"/api/v1/alerts/{'0' * 16}/acknowledge", {}),
    "assign_alert": (OP, "POST", f"/api/v1/alerts/{'0' * 16}/assign", {"to": "ada"}),
    "comment_alert": (OP, "POST", f"/api/v1/alerts/{'0' * 16}/comment", {"text": "x"}),
    "snooze_alert": (OP, "POST", f"/api/v1/alerts/{'0' * 16}/snooze", {"until": "2000-01-01T00:00:00Z"}),
    "resolve_alert": (OP, "POST", f"/api/v1/alerts/{'0' * 16}/resolve", {}),
    "show_alert_measure": (V, "GET", f"/api/v1/alerts/{'0' * 16}/measure", None),
    "list_alert_deliveries": (V, "GET", f"/api/v1/alerts/{'0' * 16}/deliveries", None),
    "list_incidents": (V, "GET", "/api/v1/incidents", None),
    "report_alerts": (V, "GET", "/api/v1/incidents/report", None),
    "show_incident": (V, "GET", "/api/v1/incidents/999999", None),
    "acknowledge_incident": (OP, "POST", "/api/v1/incidents/999999/acknowledge", {}),
    "list_alert_conditions": (V, "GET", "/api/v1/alert-conditions", None),
    "try_alert_rule": (E, "POST", "/api/v1/alert-rules/dry-run", {"rule": {"name": "x", "kind": "missing"}}),
    "show_routes": (V, "GET", "/api/v1/routes", None),
    "put_routes": (A, "PUT", "/api/v1/routes", {"route": {"channel": "missing"}}),
    "list_deliveries": (A, "GET", "/api/v1/deliveries", None),
    "send_again": (A, "POST", "/api/v1/deliveries/999999/send-again", None),
    "preview_silence": (V, "POST", "/api/v1/silences/preview", {"matchers": ["table=missing"]}),
    "list_silences": (V, "GET", "/api/v1/silences", None),
    "add_silence": (OP, "POST", "/api/v1/silences", {
        "matchers": ["table=missing"], "reason": "test", "ends_at": "2000-01-01T00:00:00Z"}),
    "expire_silence": (OP, "DELETE", "/api/v1/silences/999999", None),
    "list_alert_rules": (V, "GET", "/api/v1/alert-rules", None),
    "put_alert_rule": (E, "POST", "/api/v1/alert-rules", {"name": "x", "kind": "missing"}),
    "remove_alert_rule": (E, "DELETE", "/api/v1/alert-rules/missing", None),
    "list_channels": (A, "GET", "/api/v1/channels", None),
    "put_channel": (A, "POST", "/api/v1/channels", {"name": "x", "kind": "missing"}),
    "remove_channel": (A, "DELETE", "/api/v1/channels/missing", None),
    "test_channel": (A, "POST", "/api/v1/channels/missing/test", None),
    "route_alert": (V, "POST", "/api/v1/routes/test", {"labels": {"severity": "info"}}),
    "list_quality_kinds": (V, "GET", "/api/v1/quality/kinds", None),
    "list_quality_rules": (V, "GET", "/api/v1/quality/rules", None),
    "save_quality_rule": (E, "POST", "/api/v1/quality/rules", RULE),
    "preview_quality_rule": (E, "POST", "/api/v1/quality/rules/preview", RULE),
    "list_quality_results": (V, "GET", "/api/v1/quality/results", None),
    "list_quality_scores": (V, "GET", "/api/v1/quality/tables", None),
    "show_quality_scores": (V, "GET", Q, None),
    "compare_quality": (V, "GET", f"{Q}/compare?before=2026-01-01T00:00:00Z", None),
    "check_table_quality": (OP, "POST", f"{Q}/check", None),
    "suggest_quality_rules": (E, "GET", f"{Q}/suggestions", None),
    "show_quality_rule": (V, "GET", f"{Q}/rules/r", None),
    "alter_quality_rule": (E, "PATCH", f"{Q}/rules/r", {"enabled": False}),
    "drop_quality_rule": (E, "DELETE", f"{Q}/rules/r", None),
    "list_violations": (V, "GET", f"{Q}/rules/r/violations", None),
    "list_recommendations": (V, "GET", "/api/v1/recommendations", None),
    "show_metrics": (V, "GET", "/metrics", None),
    "show_sign_in": (None, "GET", "/api/v1/auth/sign-in", None),
    "login": (None, "POST", "/api/v1/auth/login", {"name": "nobody", "password": "wrong"}),
    "logout": (V, "POST", "/api/v1/auth/logout", None),
    "show_me": (V, "GET", "/api/v1/auth/me", None),
    "change_password": (V, "POST", "/api/v1/auth/password", {"old_password": "x", "new_password": "y"}),
    "list_users": (A, "GET", "/api/v1/users", None),
    "add_user": (A, "POST", "/api/v1/users", {"name": "!", "role": "viewer"}),
    "change_user": (A, "PATCH", "/api/v1/users/nobody", {"role": "viewer"}),
    "remove_user": (A, "DELETE", "/api/v1/users/nobody", None),
    "list_tokens": (V, "GET", "/api/v1/tokens", None),
    "make_token": (V, "POST", "/api/v1/tokens", {"name": "x", "role": "viewer"}),
    "remove_token": (V, "DELETE", "/api/v1/tokens/999999", None),
}  # fmt: skip


@dataclass
class People:
    served: Served
    secrets: dict[Role, str]

    def send(self, role: Role | None, method: str, path: str, body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secrets[role]}"} if role is not None else {"X-CSRF-Token": "x"}
        with self.served.stranger(headers=headers) as client:
            return client.request(method, path, json=body) if body is not None else client.request(method, path)


@pytest.fixture(scope="module")
def people(module_database: Callable[[], str]) -> Iterator[People]:
    url = module_database()
    dyntables.connect(url).close()
    secrets = {}
    with connect(url) as connection:
        for role in reversed(Role):
            user = users.add_user(connection, f"the-{role}", role, f"password of {role}")
            secrets[role], _ = tokens.make_token(connection, user.id, "test", Role.ADMIN, 1)
    with serving(url) as served:
        yield People(served, secrets)


def test_the_table_has_every_operation() -> None:
    document = create_app(settings_for_tests()).openapi()
    described = {o["operationId"] for operations in document["paths"].values() for o in operations.values()}
    assert described - {"start_oidc", "finish_oidc"} == set(NEEDED)


@pytest.mark.parametrize("role", [None, *Role], ids=lambda r: str(r or "nobody"))
@pytest.mark.parametrize("operation", NEEDED)
def test_a_role_may_what_it_may(people: People, operation: str, role: Role | None) -> None:
    needed, method, path, body = NEEDED[operation]
    answer = people.send(role, method, path, body)
    if needed is None:
        assert answer.status_code not in (403, 500)
    elif role is None:
        assert answer.status_code == 401
        assert answer.json()["code"] == "DT501"
    elif role.may(needed):
        # In the handler others say no: the table does not exist, the password is wrong.
        assert answer.status_code < 500
        assert answer.status_code != 403
        if operation != "change_password":
            assert answer.status_code != 401
    else:
        assert answer.status_code == 403
        assert needed in json.dumps(answer.json())


def test_a_token_may_no_more_than_its_owner(people: People) -> None:
    # The tokens above were made for admins, of people who are less.
    assert people.send(Role.VIEWER, "GET", "/api/v1/auth/me", None).json()["role"] == "viewer"


def test_only_an_editor_may_rename(people: People) -> None:
    body = {"new_name": "x"}
    assert people.send(Role.OPERATOR, "PATCH", T, body).status_code in (403, 404)
    assert people.send(Role.EDITOR, "POST", "/api/v1/dynamic-tables", {
        "sql": "CREATE DYNAMIC TABLE mine TARGET_LAG = '1 hour' AS SELECT 1 AS one"}).status_code == 201  # fmt: skip
    mine = "/api/v1/dynamic-tables/public/mine"
    assert people.send(Role.OPERATOR, "PATCH", mine, body).status_code == 403
    assert people.send(Role.OPERATOR, "PATCH", mine, {"scheduling_state": "SUSPENDED"}).status_code == 200
    entry = people.send(Role.VIEWER, "GET", f"{mine}/activity", None).json()["items"][0]
    assert (entry["who"], entry["action"]) == ("the-operator", "SUSPEND")


def test_settings_are_for_admins(people: People) -> None:
    assert people.send(Role.ADMIN, "GET", "/api/v1/system", None).json()["settings"]
    assert people.send(Role.EDITOR, "GET", "/api/v1/system", None).json()["settings"] == []
