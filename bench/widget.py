"""Measures what our chat window costs a cheap phone, beside three others that are put on the same page in the same way.

``python -m bench.widget`` loads a made-up agency's page in a Chromium made slow, in turns without a chat, with ours and with each
peer, every time in a browser freshly started, until a greeting is seen. It prints a Markdown table and ends with 1 when ours asks
anybody but its own program. It needs ``make setup``, Chromium and npm, takes some six minutes and needs the machine for itself.

The page and its chat have an origin each, as on an affiliate's site. All scripts are asked for with ``defer`` (deep-chat's is a
module) and are compressed by gzip. What has a button is tapped as soon as the
button is there. What each chat speaks with:

- Growline: the whole real system, engine and database too, from ``/widget.js`` to the greeting. Only whose computer it is is not
  asked (``data-shared``).
- deep-chat: nothing; it shows its ``introMessage``, as it does on a real site. ``connect`` names an address that it never asks.
- botframework-webchat, its full and its minimal bundle: a made-up Direct Line, polled, that opens a conversation and says one
  thing.
- rasa-webchat: a made-up Socket.IO endpoint, polled, that says one thing after ``initPayload``. ``customMessageDelay`` is put to
  zero, because the default keeps a message back for a second or more.

So the peers' figures leave out whatever their own servers would take; ours have it all. The network is Chromium's emulation. It
delays answers, not connections; the bench delays preflights, which it forgets. There is no TLS. Nothing outside this machine is
reached: of a third party the attempt is counted, and what would have come from it is not.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Page, Playwright, sync_playwright

from bench.measuring import NOTHING, circumstances
from bench.processes import within
from bench.widget_site import LATENCY_MS, PEERS, Chat, Site
from growline.demo import Ports
from growline.system import System
from growline.training import train

BENCH_SECONDS = 1800
LOADS = 5
GREETED_WITHIN, SETTLES = 60.0, 2.0
CHROMIUM = "/usr/bin/chromium"
# Nobody but this machine can be reached; what is tried is counted.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PHONE = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
         "locale": "en-US"}
SLOWER = 4  # times, than this machine's processor
NETWORK = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
WEIGHT = ("Script", "Stylesheet", "Font", "Image")
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
SETTINGS = {"GROWLINE_CHAT_SESSIONS_PER_HOUR": "1000000"}

CHATS = (
    Chat("the page without a chat"),
    Chat("Growline", "growline", launcher=("growline-chat", ".launcher"), greeting=("growline-chat", ".from-bot .bubble")),
    Chat("deep-chat", "deep-chat", "deep-chat/dist/deepChat.bundle.js", greeting=("deep-chat", ".message-bubble")),
    Chat("botframework-webchat", "botframework-webchat", "botframework-webchat/dist/webchat.js",
         greeting=(".webchat__text-content",)),
    Chat("botframework-webchat, minimal", "botframework-webchat", "botframework-webchat/dist/webchat-minimal.js",
         greeting=(".webchat__text-content",)),
    Chat("rasa-webchat", "rasa-webchat", "rasa-webchat/lib/index.js", launcher=(".rw-launcher",), greeting=(".rw-response",)),
)
HEAD = ("", "scripts, styles, fonts, pictures, KiB", "requests", "to third parties", "page painted, ms", "worst",
        "greeted, ms", "worst", "long tasks", "blocked, ms", "worst", "heap, MiB")


class NeverGreeted(RuntimeError):
    """No greeting was seen in time."""


@dataclass(frozen=True)
class Load:
    """What one load of a page came to; ``greeted`` is None where nobody greets. Times in milliseconds, sizes in bytes."""

    weight: int
    requests: int
    third_parties: frozenset[str]
    painted: float
    greeted: float | None
    long_tasks: int
    blocked: float
    heap: int


@dataclass
class Asked:
    """One request: when it left (seconds since 1970), for what kind of thing, where to, and the bytes that came."""

    at: float
    kind: str
    url: str
    came: int = 0


@dataclass
class Wire:
    """Everything a page asks for, as the browser's own protocol tells it."""

    client: CDPSession
    asked: dict[str, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client.on("Network.requestWillBeSent", self._leaves)
        self.client.on("Network.webSocketCreated", self._opens)
        self.client.on("Network.loadingFinished", self._ends)
        self.client.send("Network.enable")

    def _leaves(self, told: dict[str, Any]) -> None:
        if urlsplit(told["request"]["url"]).scheme in ("http", "https"):  # not what the page carries in itself
            self.asked[told["requestId"]] = Asked(told["wallTime"], told.get("type", ""), told["request"]["url"])

    def _opens(self, told: dict[str, Any]) -> None:
        self.asked[told["requestId"]] = Asked(time.time(), "WebSocket", told["url"])

    def _ends(self, told: dict[str, Any]) -> None:
        if told["requestId"] in self.asked:
            self.asked[told["requestId"]].came = int(told["encodedDataLength"])

    def until(self, moment: float) -> list[Asked]:
        """What left before ``moment``, but for the page itself."""
        return [one for one in self.asked.values() if one.at <= moment and one.kind != "Document"]

    def third_parties(self) -> frozenset[str]:
        """The hosts that were asked, or would have been, and are not this machine."""
        return frozenset(host for one in self.asked.values() if (host := urlsplit(one.url).hostname or "") != "127.0.0.1")


def load(playwright: Playwright, site: Site, chat: Chat) -> Load:
    """Loads the page with ``chat`` in a browser of its own. Raises NeverGreeted."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    try:
        context = browser.new_context(**PHONE)  # type: ignore[arg-type]
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        told = json.dumps({"launcher": chat.launcher, "greeting": chat.greeting})
        page.add_init_script(f"({(PEERS / 'watch.js').read_text()})({told})")
        client = context.new_cdp_session(page)
        wire = Wire(client)
        page.wait_for_timeout(1000)  # a browser that starts has much to do besides
        client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        client.send("Network.emulateNetworkConditions", NETWORK)
        page.goto(site.page(chat))
        if chat.greeting:
            _wait_for_the_greeting(page, chat, troubles)
        page.wait_for_timeout(SETTLES * 1000)
        return _read(page, client, wire)
    finally:
        browser.close()


def _wait_for_the_greeting(page: Page, chat: Chat, troubles: list[str]) -> None:
    until = time.monotonic() + GREETED_WITHIN
    while not page.evaluate("benchSeen.greeted"):
        if time.monotonic() > until:
            raise NeverGreeted(f"{chat.name}: no greeting within {GREETED_WITHIN:.0f} s; errors: {troubles}")
        page.wait_for_timeout(250)  # rarely, because asking takes the page's time


def _read(page: Page, client: CDPSession, wire: Wire) -> Load:
    seen = page.evaluate("({ ...benchSeen, origin: performance.timeOrigin })")
    painted = float(page.evaluate(PAINTED))
    client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    client.send("HeapProfiler.collectGarbage")
    heap = int(client.send("Runtime.getHeapUsage")["usedSize"])
    greeted = seen["greeted"] or None
    asked = wire.until((seen["origin"] + greeted) / 1000 if greeted else time.time())
    return Load(
        weight=sum(one.came for one in asked if one.kind in WEIGHT), requests=len(asked), third_parties=wire.third_parties(),
        painted=painted, greeted=greeted, long_tasks=seen["longTasks"], blocked=seen["blocked"], heap=heap,
    )


def install_peers() -> None:
    """Installs the peers as the lock file names them, unless they are there already."""
    ready = PEERS / "node_modules" / ".ready"
    lock = PEERS / "package-lock.json"
    if not ready.exists() or ready.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=PEERS, check=True)
        ready.touch()


def measure(site: Site) -> dict[Chat, list[Load]]:
    """Loads every page in turns, so that all share the machine's moods. Raises NeverGreeted."""
    loads: dict[Chat, list[Load]] = {chat: [] for chat in CHATS}
    with sync_playwright() as playwright:
        load(playwright, site, CHATS[1])  # fills the programs' caches; not counted
        for turn in range(LOADS):
            print(f"Loading each page, {turn + 1} of {LOADS}.", file=sys.stderr, flush=True)
            for chat in CHATS:
                loads[chat].append(load(playwright, site, chat))
    return loads


def table(loads: dict[Chat, list[Load]]) -> str:
    """A row for each chat, times in milliseconds."""
    lines = [list(HEAD), ["---", *["---:"] * (len(HEAD) - 1)], *[_cells(chat, its) for chat, its in loads.items()]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(chat: Chat, loads: Sequence[Load]) -> list[str]:
    third_parties = frozenset[str]().union(*(one.third_parties for one in loads))
    greeted = [one.greeted for one in loads if one.greeted is not None]
    return [
        f"{chat.name} {chat.version()}".strip(), f"{_median(loads, lambda one: one.weight) / 1024:.1f}",
        f"{_median(loads, lambda one: one.requests):.0f}", ", ".join(sorted(third_parties)) or "0",
        *_median_and_worst([one.painted for one in loads]), *_median_and_worst(greeted),
        f"{_median(loads, lambda one: one.long_tasks):.0f}", *_median_and_worst([one.blocked for one in loads]),
        f"{_median(loads, lambda one: one.heap) / 2**20:.1f}",
    ]


def _median(loads: Sequence[Load], of: Callable[[Load], float]) -> float:
    return statistics.median(of(one) for one in loads)


def _median_and_worst(times: Sequence[float]) -> list[str]:
    return [f"{statistics.median(times):.0f}", f"{max(times):.0f}"] if times else [NOTHING, NOTHING]


def main() -> int:
    """Prints the table; 0 when our window asked nobody but its own program."""
    load_before = os.getloadavg()[0]
    with within(BENCH_SECONDS), tempfile.TemporaryDirectory(prefix="growline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded database does not run as root and must get in
        install_peers()
        train()
        ports = Ports.free()
        site = Site(f"http://127.0.0.1:{ports.gateway}")
        with site, System(var=folder, ports=ports, extra={**SETTINGS, "GROWLINE_WIDGET_ORIGINS": site.origin}):
            loads = measure(site)
    figures = f"Medians and worst of {LOADS} loads, {SLOWER} times slower, 1.6 Mbit/s, {LATENCY_MS} ms"
    print(table(loads), circumstances(load_before, figures), sep="\n\n", flush=True)
    return 1 if any(one.third_parties for one in loads[CHATS[1]]) else 0


if __name__ == "__main__":
    sys.exit(main())
