"""A person who signs in by way of an identity provider, step by step."""

from __future__ import annotations

import re
from html import unescape

from tests.console.desk import ADDRESS, Desk
from tests.console.identity_provider import IdentityProvider

INES = "ines@example.org"
REFUSED = "You cannot sign in here with this account of Agency Login."
UNFINISHED = "Signing in with Agency Login was not completed."
AWAY = "Agency Login does not answer right now."
LINK = re.compile(r'<a href="(http://127[^"]+)"')


def to_provider(desk: Desk, to_sign_in: str = "/login") -> str:
    """Presses the button; the address at the provider."""
    page = desk.get(to_sign_in)
    form = re.search(r'action="(/oidc/start[^"]*)"', page.text)
    assert form, page.text
    answer = desk.post(unescape(form[1]))
    found = LINK.search(answer.text)
    assert answer.status_code == 200 and found, answer.text
    address = unescape(found[1])
    assert answer.headers["Refresh"] == f"0; url={address}"
    return address


def back(desk: Desk, address: str) -> str:
    """Comes back from the provider; where the console leads then, or what its sign-in page says."""
    assert address.startswith(ADDRESS + "/oidc/callback?")
    answer = desk.client.get(address.removeprefix(ADDRESS), base_url=ADDRESS)
    assert answer.status_code == 302 and "code=" not in answer.location
    if answer.location.startswith("/login"):
        said = re.search(r'role="alert" id="problem">([^<]+)<', desk.get(answer.location).text)
        return said[1] if said else "signed out"
    return answer.location


def sign_in(desk: Desk, provider: IdentityProvider) -> str:
    return back(desk, provider.authorize(to_provider(desk)))
