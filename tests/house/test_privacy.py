"""Nothing of a real person, of a machine or of a supplier's network address is in a committed file.

Made-up families phone from 555-0100 to 555-0199, which no carrier gives out; published lines stand in content/. What these
tests forbid is put together from pieces here, so that this file may be read by them too.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tree import ROOT, files, text_of

REGISTRIES = tuple(".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"), ("deb", "debian", "org"),
    ("security", "debian", "org"), ("archive", "ubuntu", "com"), ("conda", "anaconda", "org"), ("proxy", "golang", "org"),
    ("registry", "hub", "docker", "com"),
))
_MACHINE_FOLDERS = ("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers", "mn" + "t")
MACHINE_PATHS = re.compile(rf"(?<![\w.:])/({'|'.join(_MACHINE_FOLDERS)})/\w")
SCRATCH_PATHS = re.compile(r"(?<![\w.:])/t" + r"mp/\w")

# A North American number however it is written: +18605550142, (860) 555-0142, 860.555.0142, 1-800-505-7000.
PHONE = re.compile(r"(?<![\w.+-])\+?(?:1[-. ]?)?\(?([2-9]\d{2})\)?[-. ]{0,2}([2-9]\d{2})[-. ]?(\d{4})(?![\w-])")
FICTIONAL = re.compile(r"[2-9]\d{2}55501\d{2}")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b")
MADE_UP_DOMAIN = re.compile(r"(^|\.)(example|example\.(com|org|net)|invalid|test)$")
# "user@host" inside a program's source, where no mailbox is meant: a decorator, a package's version.
NO_MAILBOX = re.compile(r"\.(get|post|py|js|service|timer)$")

FILES = files()


def lines() -> list[tuple[str, str]]:
    """("path:line", text) of every line of every committed file."""
    return [(f"{path}:{number}", line) for path in FILES for number, line in enumerate(text_of(path).splitlines(), start=1)]


LINES = lines()


@cache
def published_numbers() -> frozenset[str]:
    """The ten digits of every number in content/programs, content/safety and of the affiliate."""
    read = YAML(typ="safe", pure=True).load
    found: set[str] = set()
    for path in [ROOT / "content" / "affiliate.yaml", *(ROOT / "content" / "programs").glob("*.yaml")]:
        found |= set(phone_fields(read(path.read_text(encoding="utf-8"))))
    return frozenset(re.sub(r"\D", "", number).removeprefix("1") for number in found)


def phone_fields(data: object) -> list[str]:
    """The values of every ``phone``, ``text`` and ``fax`` field that is a number, at any depth."""
    if isinstance(data, dict):
        named = [str(data[key]) for key in ("phone", "text", "fax") if key in data]
        own = [number for number in named if re.fullmatch(r"[\d-]+", number)]
        return own + [number for value in data.values() for number in phone_fields(value)]
    return [number for value in data for number in phone_fields(value)] if isinstance(data, list) else []


def test_no_package_registry_is_named() -> None:
    assert [place for place, line in LINES if any(host in line for host in REGISTRIES)] == []


def test_no_path_of_a_machine_is_named() -> None:
    assert [f"{place} {line.strip()[:80]}" for place, line in LINES
            if MACHINE_PATHS.search(line) or SCRATCH_PATHS.search(line)] == []


def real_phones(line: str) -> list[str]:
    """The numbers in ``line`` that could be somebody's."""
    found = ["".join(match) for match in PHONE.findall(line)]
    return [number for number in found if not FICTIONAL.fullmatch(number) and number not in published_numbers()]


def test_every_phone_number_is_fictional_or_published() -> None:
    assert [f"{place} {phones}" for place, line in LINES if (phones := real_phones(line))] == []


def test_every_email_address_is_made_up() -> None:
    found = [f"{place} {match.group()}" for place, line in LINES for match in EMAIL.finditer(line)
             if not MADE_UP_DOMAIN.search(match[1].lower()) and not NO_MAILBOX.search(match[1])]
    assert found == []


def test_no_database_key_or_dump_is_committed() -> None:
    secret = [str(path) for path in FILES if path.suffix in (".db", ".sqlite", ".sql", ".pem", ".key", ".dump", ".log")
              or path.name.startswith(".env")]
    assert [path for path in secret if Path(path).name != ".env.example"] == []


@pytest.mark.parametrize("number", ["+1860555" + "1234", "(203) 444" + "-1212", "860.244" + ".0199", "1-800-444" + "-1212"])
def test_a_real_looking_number_is_found(number: str) -> None:
    assert real_phones(f'call "{number}" now') != []


@pytest.mark.parametrize("number", ["+18605550142", "(860) 555-0199", "1-800-505-7000", "2024-03-04", "5550142", "1732273200"])
def test_a_fictional_or_published_number_and_a_date_are_let_pass(number: str) -> None:
    assert real_phones(f'call "{number}" now') == []
