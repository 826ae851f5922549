"""What dyntables is delivered with: are its licences compatible with Apache-2.0, and is a weakness of it known?

``python -m tools.audit --licences`` looks at what is installed, and at ``web/package-lock.json``, and needs no network.
Without the option it also asks ``pip-audit`` and ``npm audit``; where those reach nobody, it says so and does not fail.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tools.npm import WEB, npm_command

ROOT = WEB.parent
OURS = "dyntables"
# What users get; what only developers use is not delivered.
_EXTRAS = ("", "arrow", "redis")
_ALLOWED = {
    "0BSD", "APACHE-2.0", "BLUEOAK-1.0.0", "BSD", "BSD-2-CLAUSE", "BSD-3-CLAUSE", "CC-BY-4.0", "CC0-1.0", "ISC",
    "LGPL-3.0-ONLY", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "POSTGRESQL", "PSF-2.0", "PYTHON-2.0", "UNLICENSE", "ZLIB",
}  # fmt: skip
# Classifiers and old fields, as people write them.
_SPELLINGS = {
    "MIT LICENSE": "MIT", "BSD LICENSE": "BSD", "APACHE SOFTWARE LICENSE": "APACHE-2.0", "APACHE": "APACHE-2.0",
    "APACHE LICENSE 2.0": "APACHE-2.0", "ISC LICENSE (ISCL)": "ISC", "THE UNLICENSE (UNLICENSE)": "UNLICENSE",
    "PYTHON SOFTWARE FOUNDATION LICENSE": "PSF-2.0", "MOZILLA PUBLIC LICENSE 2.0 (MPL 2.0)": "MPL-2.0",
}  # fmt: skip


def allowed(licence: str) -> bool:
    """Tell whether software under an SPDX expression, or one of its old spellings, may be delivered with ours."""
    text = licence.strip().upper()
    text = _SPELLINGS.get(text, text)
    if text in _ALLOWED:
        return True
    text = text.removeprefix("(").removesuffix(")") if text.count("(") == 1 else text
    for word, together in ((" AND ", all), (" OR ", any)):
        if word in text and "(" not in text:
            return together(allowed(part) for part in text.split(word))
    return False


def python_licences() -> dict[str, str]:
    """Return the licence of each package that is installed with ours, but ours."""
    found: dict[str, str] = {}
    waiting = [(OURS, extra) for extra in _EXTRAS]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of another platform, or an extra that is not installed
        if name != OURS:
            found[name] = _licence(package)
        for need in package.requires or []:
            following = {(_name(need), e) for e in ("", *_extras(need))} if _applies(need, extra) else set()
            waiting += following - seen
            seen |= following
    return found


def web_licences(lock: Path = WEB / "package-lock.json") -> dict[str, str]:
    """Return the licence of each package that the web app is built of."""
    packages = json.loads(lock.read_text())["packages"]
    return {
        path.rpartition("node_modules/")[2]: str(entry.get("license", ""))
        for path, entry in packages.items()
        if path and not entry.get("dev")
    }


def _licence(package: metadata.Distribution) -> str:
    fields = package.metadata
    if fields["License-Expression"]:
        return str(fields["License-Expression"])
    classifiers = [c.rpartition(" :: ")[2] for c in fields.get_all("Classifier") or [] if c.startswith("License")]
    # Of several classifiers it is not known how they go together: all of them have to be fit.
    return " AND ".join(_SPELLINGS.get(c.upper(), c) for c in classifiers) or str(fields["License"] or "").strip()


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def _extras(requirement: str) -> list[str]:
    match = re.search(r"\[([\w, -]+)\]", requirement.partition(";")[0])
    return [e.strip() for e in match[1].split(",")] if match else []


def _applies(requirement: str, extra: str) -> bool:
    named = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
    return named is None or named[1] == extra


def check_licences() -> int:
    """Print what must not be delivered; return 1 if there is any."""
    licences = python_licences() | {f"web: {name}": licence for name, licence in web_licences().items()}
    unfit = {name: licence for name, licence in licences.items() if not allowed(licence)}
    for name, licence in sorted(unfit.items()):
        print(f"{name} is under {licence or 'no licence that it names'}, which is not known to fit Apache-2.0")
    print(f"licences: {len(licences) - len(unfit)} of {len(licences)} packages fit")
    return 1 if unfit else 0


def audit_python() -> int:
    """Ask pip-audit about what is locked; return 1 if a weakness is known."""
    program = shutil.which("pip-audit", path=str(Path(sys.executable).parent)) or shutil.which("pip-audit")
    if program is None:
        print("pip-audit is not installed: pip install pip-audit")
        return 0
    lock = str(ROOT / "requirements.lock")
    command = [program, "-r", lock, "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        packages = []
    asked = [p for p in packages if "vulns" in p]
    if not asked:
        print("pip-audit: not reachable")
        return 0
    weak = [(p["name"], v["id"], v.get("fix_versions")) for p in asked for v in p["vulns"]]
    for name, number, fixed in weak:
        print(f"{name}: {number}, mended in {', '.join(fixed or ['no version yet'])}")
    print(f"pip-audit: {len(asked)} packages, {len(weak)} weaknesses")
    return 1 if weak else 0


def audit_web() -> int:
    """Ask npm audit about what the web app is built of; return 1 if a weakness is known."""
    command = npm_command("audit", "--omit=dev", "--json")
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)
    try:
        counts = json.loads(done.stdout)["metadata"]["vulnerabilities"]
    except (ValueError, KeyError):
        print("npm audit: not reachable")
        return 0
    print(f"npm audit: {counts['total']} weaknesses")
    return 1 if counts["total"] else 0


def main() -> int:
    """Return 1 if something must not be delivered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--licences", action="store_true", help="look at licences only")
    only = parser.parse_args().licences
    checks = [check_licences] if only else [check_licences, audit_python, audit_web]
    return max([check() for check in checks])


if __name__ == "__main__":
    raise SystemExit(main())
