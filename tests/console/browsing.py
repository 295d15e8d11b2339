"""The console in a real browser: served over plain HTTP on this machine, opened, and signed in to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from console.addresses import CONSOLE_URL
from intake.settings import ROOT
from tests.console.desk import PASSWORD

PICTURES = ROOT / "results" / "console"
AXE = ROOT / "widget/node_modules/axe-core/axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def served(app: Flask, *, name: str = "127.0.0.1") -> Iterator[str]:
    """The address of ``app``, served as in production. Under another ``name`` than the bare address, links are made with it."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    address = f"http://{name}:{server.effective_port}"
    if name != "127.0.0.1":
        app.config[CONSOLE_URL] = address
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield address
    server.close()
    thread.join(timeout=10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


def signed_in(browser: Browser, address: str, *, width: int = 1280, height: int = 900, script: str = "", **options: Any) -> Page:
    """The queue, in a window of its own in which Ines has signed in; ``script`` runs in each page before its own."""
    page = browser.new_context(**options).new_page()
    page.set_viewport_size({"width": width, "height": height})
    if script:
        page.add_init_script(script)
    page.goto(address)
    page.locator("input[type=email]").fill("ines@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(address + "/")
    return page


def what_axe_finds(page: Page) -> list[str]:
    """What stands between this page and somebody with a disability, as far as a program can tell."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")
    return [f"{breach['id']}: {node['html']}" for breach in found["violations"] for node in breach["nodes"]]


def picture(page: Page, name: str) -> None:
    """Keeps the whole page as results/console/``name``.png, to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
