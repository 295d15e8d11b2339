"""An authenticator app as people have it on their phone: RFC 6238 written out, beside the library that is tested."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time

from tests.console.desk import PASSWORD, Desk

_SECRET = re.compile(r'<code class="secret">([A-Z2-7 -]+)</code>')
_RECOVERY = re.compile(r"<li><code>([0-9a-f-]+)</code></li>")
STEP = 30


class Authenticator:
    """Shows codes for the key it was given; ``seconds_off`` is how wrong the phone's clock is."""

    def __init__(self, key: str) -> None:
        plain = key.replace(" ", "").replace("-", "")
        self._key = base64.b32decode(plain + "=" * (-len(plain) % 8))

    def code(self, seconds_off: float = 0) -> str:
        step = int(time.time() + seconds_off) // STEP
        digest = hmac.digest(self._key, struct.pack(">Q", step), "sha1")
        place = digest[-1] & 15
        return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def begin(desk: Desk) -> Authenticator:
    """Asks for a new key and puts it into the app; it is not confirmed yet."""
    desk.get("/tf-setup")
    page = desk.post("/tf-setup", {"setup": "authenticator"})
    found = _SECRET.search(page.text)
    assert found, page.text
    return Authenticator(found[1])


def set_up(desk: Desk, email: str) -> Authenticator:
    """Signs in for the first time and sets the second factor up."""
    assert desk.sign_in(email).location == "/tf-setup"
    phone = begin(desk)
    assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"
    desk.get("/account")
    return phone


def sign_in(desk: Desk, email: str, code: str, password: str = PASSWORD) -> str:
    """Signs in with password and code; the address one is led to, or the page that refuses."""
    assert desk.sign_in(email, password).location == "/tf-validate?next=/start"
    desk.get("/tf-validate")
    answer = desk.post("/tf-validate", {"code": code})
    return answer.location or answer.text


def new_recovery_codes(desk: Desk) -> list[str]:
    """Presses the button and reads the codes off the page."""
    desk.get("/mf-recovery-codes")
    return _RECOVERY.findall(desk.post("/mf-recovery-codes", {"generate_new_codes": "1"}).text)
