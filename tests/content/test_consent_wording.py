"""What a family agreed to is kept as a version of the words shown; the words may not change under the same version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from ruamel.yaml import YAML

from intake.settings import ROOT
from intake.usecases.channel_words import OPT_OUT_WORDS
from intake.usecases.consent_words import WORDS_SHOWN
from intake.usecases.going_on_by_text import ASKS_PHONE_WORDS
from intake.usecases.wrong_person import WRONG_NUMBER_WORDS

# version: (responses of domain.yml or texts of system.yaml that were shown, fingerprint of their words in both languages)
FINGERPRINTS = {
    "introduction-3": (("introduction_sms", "introduction_web", "ask_consent", "ask_consent_web"), "08cbdd9f339fa0cb"),
    "contact-1": (("ask_contact_consent",), "22fe6961c5885b45"),
    "offer-1": (("ask_offer",), "cbf36c7a33f02bd2"),
    "offer_own-1": (("ask_offer_own",), "0f2bf0e659beaa6a"),
    "referrer-1": (("ask_call_back_same", "ask_call_back"), "0c7033183e062246"),
    "next_check-1": (("ask_next_check",), "d002527ddcffb3ab"),
    "wrong_number-1": (("wrong_number",), "e0f1fab7c5ca043b"),
    "asks_phone-1": (("asks_phone", "goes_on_by_text"), "a9a75e75dd999399"),
    "opted_out-2": (("opted_out", "opted_in"), "96423c98c21484d7"),
}


def _shown(name: str) -> Iterator[str]:
    responses = YAML(typ="safe").load((ROOT / "domain.yml").read_text())["responses"]
    texts = YAML(typ="safe").load((ROOT / "content/messages/system.yaml").read_text())["messages"]
    if f"utter_{name}" in responses:
        yield from (variation["text"] for variation in responses[f"utter_{name}"])
    else:
        yield from (texts[name]["en"], texts[name]["es"])


def _fingerprint(names: tuple[str, ...]) -> str:
    words = "\n".join(text for name in names for text in _shown(name))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def test_every_version_in_use_has_its_fingerprint() -> None:
    assert {*WORDS_SHOWN.values(), OPT_OUT_WORDS, WRONG_NUMBER_WORDS, ASKS_PHONE_WORDS} == set(FINGERPRINTS)


@pytest.mark.parametrize("version", FINGERPRINTS)
def test_words_do_not_change_under_their_version(version: str) -> None:
    names, fingerprint = FINGERPRINTS[version]
    assert _fingerprint(names) == fingerprint, (
        f"the words of {version} have changed: give them a new version where it is used, and put {_fingerprint(names)} here")
