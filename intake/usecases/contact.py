"""May a person contact the family: whether, under which name and number, and when. A yes makes the referral."""

from __future__ import annotations

import re

import phonenumbers

from intake.rules.interview import NO, YES, Expects, Kind
from intake.rules.names import read_name
from intake.rules.relation import GUARDIAN
from intake.usecases.consent import record_consent
from intake.usecases.offering import agree_to_offer, forget_offers, refuse_offer, skip_offer, tell_own_ways
from intake.usecases.ready_answers import pick_answer
from intake.usecases.referred import decline_draft, join_by_phone, take_over_draft
from intake.usecases.routing import make_referrals, release_referrals, take_back_referrals
from intake.usecases.scene import Scene

REGION = "US"
# Area code and exchange each begin with 2 to 9 (the North American Numbering Plan); seven digits alone reach nobody.
_CALLABLE = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
FREE_TEXT_LIMIT = 200


def agree_to_contact(scene: Scene) -> Expects | None:
    """The parent agrees, to the first program or to the further one that is asked about: the consent is written down and the
    referral made in the same transaction."""
    if (offer := _offer(scene)) is not None:
        return agree_to_offer(scene, offer)
    scene.answer(Kind.CONTACT_CONSENT, YES)
    consent = record_consent(scene, "contact", given=True)
    take_over_draft(scene, consent)
    make_referrals(scene, consent)
    scene.say("contact_thanks" if scene.relation() == GUARDIAN else "contact_thanks_parent_must_agree")
    return None


def refuse_contact(scene: Scene) -> Expects | None:
    """The parent does not want to be contacted: the numbers to call, what they can do by themselves, and no referral; one made
    before is taken back. A no to a further program speaks of that one alone."""
    if (offer := _offer(scene)) is not None:
        return refuse_offer(scene, offer)
    scene.answer(Kind.CONTACT_CONSENT, NO)
    record_consent(scene, "contact", given=False)
    take_back_referrals(scene)
    forget_offers(scene)
    decline_draft(scene)
    scene.say("contact_refused")
    tell_own_ways(scene)
    return None


def skip_consent(scene: Scene) -> Expects | None:
    """A skip is no yes; a further program is left out, as any question may be."""
    offer = _offer(scene)
    return refuse_contact(scene) if offer is None else skip_offer(scene, offer)


def _offer(scene: Scene) -> str | None:
    """The further program that the message answers about, if it does."""
    return scene.turn.expects.offer if scene.turn.expects is not None else None


def tell_contact_name(scene: Scene) -> Expects | None:
    """The name to ask for when calling; a sentence is asked again."""
    name = read_name(scene.turn.text, scene.content.names)
    if name is None:
        scene.say("name_not_understood")
        return None
    scene.family.contact_name = name
    scene.answer(Kind.CONTACT_NAME, name)
    return None


def keep_phone(scene: Scene) -> Expects | None:
    """The number the parent texts from is the one to call."""
    phone = scene.phone_to_call()
    if not phone:
        scene.say("phone_not_understood")
        return None
    _keep(scene, phone)
    release_referrals(scene)
    return None


def tell_phone(scene: Scene, typed: str) -> Expects | None:
    """A number to call; one that is no US number is asked again."""
    phone = read_phone(typed)
    if phone is None:
        scene.say("phone_not_understood")
        return None
    _keep(scene, phone)
    release_referrals(scene)
    return None


def _keep(scene: Scene, phone: str) -> None:
    scene.family.phone = phone
    scene.family.phone_index = None if scene.family.practice else scene.phone_index(phone)  # a made-up one is not found
    scene.answer(Kind.PHONE, phone)
    join_by_phone(scene)


def read_phone(typed: str) -> str | None:
    """The first valid US phone number in ``typed`` as E.164, or None."""
    for match in phonenumbers.PhoneNumberMatcher(typed, REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        if match.number.country_code != 1 or not _CALLABLE.fullmatch(str(match.number.national_number)):
            continue
        return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return None


def tell_best_time(scene: Scene, reply: str) -> Expects | None:
    """When to call, in the parent's words or by a ready answer; a bare yes or no says nothing and is asked again."""
    told = pick_answer(scene, Kind.BEST_TIME) or (scene.turn.text[:FREE_TEXT_LIMIT] if reply == "inform" else None)
    if told is None:
        scene.say("please_pick")
        return None
    scene.family.best_time = told
    scene.answer(Kind.BEST_TIME, told)
    return None


def skip_contact_detail(scene: Scene, kind: Kind) -> Expects | None:
    """Skips the name or the time; without any phone the referral stays a draft and the parent is told to call."""
    scene.answer(kind, "skip")
    if kind is Kind.PHONE and not scene.phone_to_call():
        scene.say("no_phone_call_us")
    release_referrals(scene)
    return None
