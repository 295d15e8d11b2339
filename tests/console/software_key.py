"""A security key in software: ES256 and CBOR written out, so that a test decides what it signs and for which site."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.console.desk import Desk

ORIGIN, SITE = "https://console.example", "console.example"
_OPTIONS = re.compile(r'data-options="([^"]+)"')
_ACTION = re.compile(r'action="([^"]+)" data-key="')
_PRESENT, _WITH_KEY = 0x01, 0x40


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class SoftwareKey:
    """One key; ``count`` is its counter, ``origin`` the page that asks it, ``site`` the site it signs for."""

    origin: str = ORIGIN
    site: str = SITE
    count: int = 0
    handle: str | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """What a browser sends when the key was set up."""
        told = self._client_data("webauthn.create", options["challenge"])
        body = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_PRESENT | _WITH_KEY) + self._attested()})
        response = {"clientDataJSON": _encoded(told), "attestationObject": _encoded(body), "transports": ["usb"]}
        return self._sent(response)

    def sign(self, options: dict[str, Any]) -> str:
        """What a browser sends when the key has signed; the counter goes on."""
        self.count += 1
        told, data = self._client_data("webauthn.get", options["challenge"]), self._data(_PRESENT)
        signature = self.secret.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": told, "authenticatorData": data, "signature": signature}
        response = {name: _encoded(part) for name, part in parts.items()}
        return self._sent(response | ({"userHandle": _encoded(self.handle.encode())} if self.handle else {}))

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _attested(self) -> bytes:
        numbers = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(public)

    def _sent(self, response: dict[str, Any]) -> str:
        name = _encoded(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def asked(page: str) -> tuple[dict[str, Any], str]:
    """What the page gives the browser for the key, and where the answer goes."""
    options, action = _OPTIONS.search(page), _ACTION.search(page)
    assert options and action, page
    return json.loads(html.unescape(options[1])), html.unescape(action[1])


def add(desk: Desk, key: SoftwareKey, name: str = "blue key") -> str:
    """Sets the key up; where one is led to, or the page that refuses."""
    desk.get("/security-keys")
    options, action = asked(desk.post("/security-keys/new", {"name": name}).text)
    answer = desk.post(action, {"name": name, "credential": key.make(options)})
    return answer.location or answer.text


def question(desk: Desk, email: str) -> tuple[dict[str, Any], str]:
    """Signs in with the password, and asks for the key."""
    desk.sign_in(email)
    desk.get("/wan-signin")
    return asked(desk.post("/wan-signin").text)


def answer(desk: Desk, action: str, credential: str) -> str:
    """Sends what the key has signed; where one is led to, or the page that refuses."""
    led = desk.post(action, {"credential": credential}).location
    return desk.get(led).text if led == "/wan-signin" else led


def sign_in(desk: Desk, email: str, key: SoftwareKey) -> str:
    """Signs in with password and key."""
    options, action = question(desk, email)
    return answer(desk, action, key.sign(options))
