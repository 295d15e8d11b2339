"""The headers of every answer: nothing from elsewhere is loaded, nothing is kept, nobody may frame a page.

Scripts only make pages that work without them quicker; they come from here alone, and none stands in a page.
"""

from __future__ import annotations

from flask import Flask, Response, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": the check of a form's origin over TLS needs the page's own address.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN_PAGES = frozenset({"same-origin", "none"})


def set_up_headers(app: Flask, *, over_http: bool) -> None:
    """Adds the headers to every answer of ``app``; without ``over_http`` browsers insist on TLS."""

    def add(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)  # a view may be stricter
        if not over_http:
            response.headers["Strict-Transport-Security"] = _ONE_YEAR
        response.headers["Cache-Control"] = "no-cache" if request.endpoint == "static" else "no-store"
        return response

    app.after_request(add)


def comes_from_elsewhere() -> bool:
    """Whether a browser says that another site made it send this change (Fetch Metadata); other clients say
    nothing.
    """
    site = request.headers.get("Sec-Fetch-Site")
    return request.method in _CHANGES and site is not None and site not in _OWN_PAGES
