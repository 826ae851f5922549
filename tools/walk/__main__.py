"""Walk through every page of the web app over 300 dynamic tables, while a source is locked and much else is wrong.

Each page is photographed for an admin and a viewer, light and dark, at 100 % and at 200 % zoom. What a picture need not
show is measured: answers of the server that take long, pages wider than the window, errors of the console.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.browsers import open_browser
from tools.walk.stage import PASSWORD, PEOPLE, stage

PAGES = {
    "overview": "/",
    "tables": "/tables",
    "tables-failing": "/tables?status=FAILING",
    "dropped": "/tables?dropped=show",
    "table": "/tables/sales/revenue_by_day_00",
    "table-failing": "/tables/trouble/shares",
    "table-locked": "/tables/trouble/locked",
    "table-suspended": "/tables/trouble/paused",
    "table-full": "/tables/trouble/shuffled",
    "refreshes": "/tables/sales/revenue_by_day_00/refreshes",
    "lag": "/tables/sales/revenue_by_day_00/lag?window=15m",
    "lineage": "/tables/sales/revenue_by_day_00/lineage",
    "plan": "/tables/sales/order_facts_00/plan",
    "plan-locked": "/tables/trouble/locked/plan",
    "data": "/tables/sales/revenue_by_day_00/data",
    "data-long": "/tables/trouble/texts/data",
    "settings-of-table": "/tables/sales/revenue_by_day_00/settings",
    "activity": "/tables/sales/revenue_by_day_00/activity",
    "ddl": "/tables/sales/order_facts_00/ddl",
    "graph": "/graph",
    "graph-of-one": "/graph?select=%2Bsales.order_facts_00%2B",
    "graph-table": "/graph?view=table",
    "timeline": "/timeline?window=5m",
    "timeline-list": "/timeline?view=list",
    "builder": "/builder",
    "builder-of-table": "/builder?schema=sales&name=best_customers_00",
    "console": "/console?sql=SELECT%20*%20FROM%20sales.orders",
    "settings": "/settings",
    "sources": "/settings?tab=sources",
    "people": "/settings?tab=people",
    "tokens": "/settings?tab=tokens",
    "audit": "/settings?tab=audit",
}
SIZES = {"wide": (1440, 900, 1), "zoomed": (720, 450, 2)}
SLOW_MS = 1000

_SIGN_IN = """
const [name, password, done] = arguments;
fetch("/api/v1/auth/login", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({name, password})}).then(answer => done(answer.status), () => done(0));
"""
_FINDINGS = """
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
const reachable = element => {
    for (let up = element.parentElement; up; up = up.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
};
const cut = [...document.querySelectorAll("button, a, input, [role=combobox]")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1) && !reachable(element);
}).map(element => element.getAttribute("aria-label") || element.innerText || element.outerHTML.slice(0, 80));
const slow = performance.getEntriesByType("resource").filter(entry => entry.name.includes("/api/"))
    .map(entry => [entry.name.replace(location.origin, ""), Math.round(entry.responseEnd - entry.requestStart)]);
return {wide, cut, slow};
"""


def main() -> int:
    """Return 1 if something that can be measured is wrong."""
    options = _options()
    found: list[str] = []
    options.shots.mkdir(parents=True, exist_ok=True)
    with contextlib.nullcontext(options.at) if options.at else stage(options.tables, options.port) as address:
        if options.stay:
            print(f"serving {address}; Ctrl-C ends it. Sign in as {PEOPLE}, password {PASSWORD!r}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    time.sleep(1)
            return 0
        for person, scheme, size in itertools.product(options.people, options.schemes, options.sizes):
            with _browser(address, person, scheme, size) as driver:
                for name in options.pages:
                    found += _look(driver, address, name, options.shots / f"{name}-{person}-{scheme}-{size}.png")
    print("\n".join(found) or "nothing that can be measured is wrong")
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=Path, default=Path(".cache/walk"), help="folder of the pictures")
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stay", action="store_true", help="serve until Ctrl-C instead of walking")
    parser.add_argument("--at", help="walk through what is served there already")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES), metavar="PAGE")
    parser.add_argument("--people", nargs="+", choices=PEOPLE, default=list(PEOPLE))
    parser.add_argument("--schemes", nargs="+", choices=("light", "dark"), default=["light", "dark"])
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    return parser.parse_args()


@contextlib.contextmanager
def _browser(address: str, person: str, scheme: str, size: str) -> Iterator[WebDriver]:
    width, height, scale = SIZES[size]
    with tempfile.TemporaryDirectory() as profile:
        driver = open_browser("chromium", Path(profile))
        try:
            screen = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)  # type: ignore[attr-defined]
            driver.get(address)
            status = driver.execute_async_script(_SIGN_IN, PEOPLE[person][0], PASSWORD)
            if status != 200:
                raise RuntimeError(f"{person} could not sign in: {status}")
            driver.execute_script("localStorage.setItem('mui-mode', arguments[0])", scheme)
            yield driver
        finally:
            driver.quit()


def _look(driver: WebDriver, address: str, name: str, picture: Path) -> list[str]:
    """Photograph a page once it is at rest, and return what is wrong with it."""
    driver.get(address + PAGES[name])
    _rest(driver)
    driver.save_screenshot(str(picture))
    figures = driver.execute_script(_FINDINGS)
    found = [f"{picture.stem}: {path} took {ms} ms" for path, ms in figures["slow"] if ms > SLOW_MS]
    found += [f"{picture.stem}: {figures['wide']} pixels too wide"] if figures["wide"] > 0 else []
    found += [f"{picture.stem}: cut off: {label!r}" for label in figures["cut"]]
    errors = driver.get_log("browser")  # type: ignore[attr-defined]
    return found + [f"{picture.stem}: {e['message']}" for e in errors if e["level"] == "SEVERE"]


def _rest(driver: WebDriver) -> None:
    """Wait until nothing is being loaded, for a while at most."""
    busy = "return document.querySelectorAll('.MuiSkeleton-root, main .MuiCircularProgress-root').length"
    until = time.monotonic() + 15
    time.sleep(0.8)
    while driver.execute_script(busy) and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(0.3)


if __name__ == "__main__":
    raise SystemExit(main())
