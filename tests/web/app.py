"""The app as a person uses it: things are found by what they say."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

SECONDS = 30.0
Found = TypeVar("Found")


class App:
    """What is on the screen, and what can be done with it."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver
        self.origin = ""

    def open(self, origin: str, path: str = "/") -> None:
        """Go to an address."""
        self.origin = origin
        self.driver.get(origin + path)
        self.wait(lambda: self.driver.find_elements(By.TAG_NAME, "main"), "the page")

    @property
    def text(self) -> str:
        """All that can be read."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def sees(self, text: str, seconds: float = SECONDS) -> None:
        """Wait until a text can be read."""
        self.wait(lambda: text.lower() in self.text.lower(), f'"{text}"', seconds)

    def misses(self, text: str, seconds: float = SECONDS) -> None:
        """Wait until a text is gone."""
        self.wait(lambda: text.lower() not in self.text.lower(), f'that "{text}" goes', seconds)

    def click(self, name: str, within: str = "") -> None:
        """Click a button, link, tab or choice by its name."""
        roles = ("button", "a", '*[@role="tab"]', '*[@role="option"]', '*[@role="menuitem"]', '*[@role="checkbox"]')
        quoted = f'"{name}"'
        texts = ("normalize-space()", "normalize-space(text())", "@aria-label")
        named = " or ".join([f"{text}={quoted}" for text in texts] + [f".//*[normalize-space(text())={quoted}]"])
        path = " | ".join(f"{within}//{role}[{named}]" for role in roles)

        def act() -> bool:
            for element in self.driver.find_elements(By.XPATH, path):
                if element.is_displayed() and element.is_enabled():
                    self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                    element.click()
                    return True
            return False

        self.wait(act, f"a button {quoted}")

    def click_first(self, path: str) -> None:
        """Click the first of the elements on an XPath that can be seen."""
        self.wait(lambda: self._click_first(path), path)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by its label."""
        path = f'//*[@role="combobox"][@aria-labelledby=//*[normalize-space()="{label}"]/@id]'
        path += f' | //label[normalize-space()="{label}"]/following-sibling::*//*[@role="combobox"]'
        path += f' | //*[normalize-space(text())="{label}"]/following-sibling::*//*[@role="combobox"]'
        self.wait(lambda: self._click_first(path), f'the list "{label}"')
        self.click(option)

    def fill(self, label: str, text: str) -> None:
        """Type into a field by its label."""
        path = f'//input[@id=//label[starts-with(normalize-space(), "{label}")]/@for] | //input[@aria-label="{label}"]'

        def act() -> bool:
            # It may be replaced between any two of these: then it is found anew, and does not say the text yet.
            field = self.driver.find_element(By.XPATH, path)
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(text)
            return self.driver.find_element(By.XPATH, path).get_property("value") == text

        self.wait(act, f'the field "{label}" to fill')

    def write(self, sql: str) -> None:
        """Replace the text of the editor."""

        def act() -> bool:
            editor = self.driver.find_element(By.CSS_SELECTOR, ".cm-content")
            editor.click()
            editor.send_keys(Keys.CONTROL, "a")
            editor.send_keys(Keys.DELETE)
            editor.send_keys(sql)
            return self.driver.find_element(By.CSS_SELECTOR, ".cm-content").text.split() == sql.split()

        self.wait(act, "the editor to write in")

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def press_with_control(self, key: str) -> None:
        """Press a key together with Ctrl."""
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def wait(self, look: Callable[[], Found], what: str, seconds: float = SECONDS) -> Found:
        """Look again and again until there is something."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = look()
                if found:
                    return found
            except (StaleElementReferenceException, WebDriverException):
                pass
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:.0f} s for {what}; the page says:\n{self.text[:3000]}")
            time.sleep(0.1)

    def drag(self, selector: str, begin: float, end: float) -> None:
        """Drag over a part of an element, from one share of its width to another."""

        def act() -> bool:
            found = self.driver.find_element(By.CSS_SELECTOR, selector)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
            width = found.size["width"]
            # A chart has no width before it has measured the room for it.
            if width > 0:
                actions = ActionChains(self.driver).move_to_element_with_offset(found, round((begin - 0.5) * width), 0)
                actions.click_and_hold().move_by_offset(round((end - begin) * width), 0).release().perform()
            return bool(width > 0)

        self.wait(act, f"{selector} to drag over")

    def live(self, state: str = "live", seconds: float = SECONDS) -> None:
        """Wait for a state of the live connection."""
        self.wait(lambda: self.driver.find_elements(By.CSS_SELECTOR, f'[data-live="{state}"]'), state, seconds)

    def _click_first(self, path: str) -> bool:
        elements: list[WebElement] = self.driver.find_elements(By.XPATH, path)
        for element in elements:
            if element.is_displayed():
                element.click()
                return True
        return False
