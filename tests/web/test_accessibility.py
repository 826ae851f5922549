"""Every page, tried by axe: nothing serious or critical."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dyntables
from tests.server.conftest import SCHEMA, Served, serving
from tests.web.app import App

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "/": "Machinery",
    "/tables": "by_month",
    "/tables?dropped=show": "kept until",
    "/tables/public/by_day": "Facts",
    "/tables/public/by_day/refreshes": "Reinitialize",
    "/tables/public/by_day/lag": "Median",
    "/tables/public/by_day/lineage": "Column lineage",
    "/tables/public/by_day/plan": "Aggregate by",
    "/tables/public/by_day/data": "First rows",
    "/tables/public/by_day/settings": "Target lag",
    "/tables/public/by_day/activity": "Who did what",
    "/tables/public/by_day/ddl": "CREATE",
    "/tables/public/shuffled": "Why it is refreshed in full",
    "/graph": "by_month",
    "/graph?view=table": "by_month",
    "/timeline": "by_day",
    "/timeline?view=list": "by_day",
    "/timeline/refreshes/1": "What it did",
    "/quality": "Failing now",
    "/quality/public/orders?rule=small": "Rows that fail now",
    "/quality/public/orders?suggest=show": "no NULL in",
    "/quality/new?table=public.orders": "What has to be so",
    "/tables/public/by_day/quality": "This table has no rules",
    "/builder?schema=public&name=by_day": "Clause by clause",
    "/console?sql=SELECT%201": "Nothing has been run yet",
    "/settings": "Settings in force",
    "/settings?tab=sources": "Change log",
    "/settings?tab=people": "Add a person",
    "/settings?tab=audit": "Who did what",
    "/nowhere": "There is no such page",
}
TRY = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(
    ({violations}) => done(violations.map(
        v => [v.impact, v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])),
    error => done([["critical", "axe failed", String(error), []]]));
"""


@pytest.fixture
def served(new_database: Callable[[], str]) -> Iterator[Served]:
    url = new_database()
    with dyntables.connect(url) as client:
        client.execute(SCHEMA)
        client.execute("CREATE DYNAMIC TABLE gone TARGET_LAG = '1 hour' AS SELECT 1 AS one; DROP DYNAMIC TABLE gone")
        client.execute("CREATE QUALITY RULE small ON orders CHECK range(amount, 0, 400); CHECK QUALITY OF orders")
    with serving(url) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(app: App, served: Served, browser_name: str, scheme: str) -> None:
    if browser_name != "chromium":
        pytest.skip("one browser is enough for rules on the document")
    script = AXE.read_text()
    app.open(served.address)
    app.driver.execute_script("localStorage.setItem('mui-mode', arguments[0])", scheme)
    found = {}
    for path, text in PAGES.items():
        app.open(served.address, path)
        app.sees(text)
        app.driver.execute_script(script)
        violations = app.driver.execute_async_script(TRY, RULES)
        serious = [v for v in violations if v[0] in ("serious", "critical")]
        if serious:
            found[path] = serious
    assert not found, "\n".join(f"{path}: {v}" for path, all_of in found.items() for v in all_of)
