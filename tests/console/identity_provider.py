"""A small identity provider on loopback: it signs real RS256 tokens, and can be told to do everything wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "growline-console", "a secret with a + in it"
Claims = dict[str, Any]


class IdentityProvider:
    """Signs in whoever it is told to. ``change`` alters the claims before they are signed, ``sign`` replaces the signing."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.key = issuer, _new_key("key-1")
        self.published = [self.key]
        self.person: Claims = {"sub": "person-7", "email": "ines@example.org", "email_verified": True}
        self.change: Callable[[Claims], None] = lambda claims: None
        self.sign: Callable[[Claims], str] = self.signed
        self.broken: set[str] = set()  # paths that answer 500
        self.asked: list[str] = []
        self.codes: dict[str, Claims] = {}
        self.userinfo: Claims | None = None
        self.wrong_issuer = False

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def rotate(self) -> None:
        """Signs with a new key from now on, and publishes it alone."""
        self.key = _new_key(f"key-{secrets.token_hex(4)}")
        self.published = [self.key]

    def authorize(self, address: str) -> str:
        """What a browser is led back to after signing in at ``address``."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert sent["response_type"] == "code" and sent["client_id"] == CLIENT and sent["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = {**sent, **{"person": dict(self.person)}}
        return sent["redirect_uri"] + "?" + urlencode({"code": code, "state": sent["state"], "iss": self.issuer})

    def about(self) -> Claims:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        more = {"userinfo_endpoint": self.issuer + "/userinfo"} if self.userinfo is not None else {}
        issuer = self.issuer + "/other" if self.wrong_issuer else self.issuer
        return {"issuer": issuer, **{name: self.issuer + path for name, path in paths.items()}, **more}

    def keys(self) -> Claims:
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        wanted = base64.b64encode(f"{CLIENT}:a+secret+with+a+%2B+in+it".encode()).decode()
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **asked["person"]}
        self.change(claims)
        return 200, {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.sign(claims)}


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """The provider on a free port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig"})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        provider = self._asked(path)
        if path in provider.broken:
            self._json(500, {})
        elif path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(self.path))
            self.end_headers()
        elif path == "/userinfo":
            assert self.headers["Authorization"] == "Bearer an-access-token"
            self._json(200, provider.userinfo or {})
        else:
            self._json(200, provider.keys() if path == "/keys" else provider.about())

    def do_POST(self) -> None:
        provider = self._asked(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*((500, {}) if self.path in provider.broken else provider.token(form, self.headers["Authorization"])))

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _asked(self, path: str) -> IdentityProvider:
        provider: IdentityProvider = self.server.provider  # type: ignore[attr-defined]
        provider.asked.append(path)
        return provider

    def _json(self, status: int, found: Claims) -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
