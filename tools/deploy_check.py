"""Check what is in ``deploy/``, Dockerfile and compose.yaml by the programs that read them: ``make deploy-check``.

Runs with the packages of ``deploy/requirements.txt`` alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import helm_python
import kubernetes_validate
import yaml

ROOT = Path(__file__).parents[1]
CHART = ROOT / "deploy" / "helm" / "dyntables"
KUBERNETES = "1.34"
EVERYTHING = {"autoscaling": {"enabled": True}, "serviceMonitor": {"enabled": True}}
# Of a kind that the server does not know by itself.
_FOREIGN = {"ServiceMonitor"}


def main() -> None:
    """Run every check; print what is wrong, and exit 1 if anything is."""
    problems = [*_dockerfile(), *_compose(), *_chart(), *_unit()]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problems")
    raise SystemExit(1 if problems else 0)


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _run(*command: str) -> Iterator[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"{' '.join(command)}:\n{done.stdout}{done.stderr}"


def _dockerfile() -> Iterator[str]:
    yield from _run(_program("hadolint"), "Dockerfile")


def _compose() -> Iterator[str]:
    for profiles in ([], ["--profile", "observe", "--profile", "mail"]):
        yield from _run(_program("docker-compose"), *profiles, "config", "-q")


def _chart() -> Iterator[str]:
    """Lint the chart, render it with little and with all, and hold what comes out to the schemas of Kubernetes."""
    found = helm_python.lint(str(CHART))
    yield from (f"chart: {message}" for message in _serious(found))
    for values in ({}, EVERYTHING):
        with helm_python.Chart.load(CHART) as chart:
            rendered = chart.render(values=values, name="check")
        for name, text in rendered.items():
            for document in filter(None, yaml.safe_load_all(text)):
                yield from _manifest(name, document)


def _serious(found: object) -> list[str]:
    """Return what the linter says above information."""
    messages = json.loads(json.dumps(found, default=vars))
    messages = messages.get("messages", []) if isinstance(messages, dict) else messages
    return [str(m) for m in messages if str(m.get("severity", m)).upper() not in ("INFO", "1", "UNKNOWN", "0")]


def _manifest(name: str, document: dict[str, object]) -> Iterator[str]:
    if document["kind"] in _FOREIGN:
        return
    try:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{name}: {error}"


def _unit() -> Iterator[str]:
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze is not on this machine: the unit is not checked")
        return
    done = subprocess.run(
        ["systemd-analyze", "verify", "deploy/systemd/dyntables.service"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # That the program is installed in /opt is not so where this runs.
    wrong = [
        line for line in done.stderr.splitlines()
        if "dyntables.service" in line and "is not executable" not in line and "bad unit file setting" not in line
    ]  # fmt: skip
    yield from wrong


if __name__ == "__main__":
    main()
