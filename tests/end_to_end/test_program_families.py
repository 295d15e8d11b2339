"""One family for each program, in both languages, by text and on the web: from the words that tell the need, over the program's
own two lines and the yes, to the referral in the database. All families talk at once, with the real programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from people import Phone, WebVisitor
from walking import born, in_words

from growline.system import System
from intake.content.bilingual import LANGUAGES, Language
from intake.content.library import Content
from intake.store.connection import Store
from intake.usecases.case_view import view_case

pytestmark = pytest.mark.system

AT_ONCE = 4
MOST_TURNS = 45
NO_LIST = 90  # months: a child of seven has no list of milestones
NAME = {"en": "Sam", "es": "Luz"}
ANSWERS: dict[str, dict[str, str]] = {
    "en": {"consent": "yes", "relation": "im the mom", "child_name": "Sam", "early_birth": "no", "lost_skills": "no",
           "milestone": "yes", "confirm_answers": "yes", "contact_consent": "yes", "contact_name": "Rosa",
           "phone": "860-555-0142", "best_time": "evenings", "free": "ok thank you we can go on now"},
    "es": {"consent": "sí", "relation": "soy la mamá", "child_name": "Luz", "early_birth": "no", "lost_skills": "no",
           "milestone": "sí", "confirm_answers": "sí", "contact_consent": "sí", "contact_name": "Rosa", "phone": "860-555-0142",
           "best_time": "en la noche", "free": "ya podemos seguir gracias"},
}
SKIP = {"en": "skip", "es": "saltar"}


@dataclass(frozen=True)
class Need:
    """What a family says of its need in each language, how old its child is, where it lives, what becomes of the referral."""

    program: str
    en: str
    es: str
    status: str = "ready"
    rule: str = "words"
    months: int | None = NO_LIST  # None: the birth date is left out
    place: dict[str, str] = field(default_factory=lambda: SKIP)
    first: bool = False  # the first fit, told before the consent to contact
    hears: tuple[str, ...] = ()


NEEDS = (
    Need("ct211_child_development", "he has big tantrums", "hace muchos berrinches", rule="W7", first=True),
    Need("help_me_grow_ct", "no", "no", rule="W7", first=True),
    Need("birth_to_three", "she doesnt say any words", "no dice ninguna palabra", rule="W1", months=20, first=True),
    Need("early_childhood_special_education", "his speech is hard to understand", "no se le entiende cuando habla", rule="W4",
         months=40, first=True),
    Need("ages_and_stages_sparkler", "i want the ages and stages screening", "quiero ages and stages", "sent", months=None,
         hears=("https://playsparkler.org/",)),
    Need("cyshcn_medical_home", "he uses a wheelchair and we need respite", "usa silla de ruedas"),
    Need("ccmc_care_coordination", "we got an eviction notice", "nos van a desalojar"),
    Need("healthy_homes", "there is peeling paint and he had a high lead test", "hay pintura vieja y su plomo salió alto",
         months=None, hears=("blood lead test", "plomo en la sangre")),
    Need("injury_prevention_safe_kids", "we need help with the car seat", "necesito ayuda con el asiento del carro", "sent",
         hears=("https://www.connecticutchildrens.org/",)),
    Need("hvip", "my nephew was shot in june and he is scared", "le dispararon a su primo en junio y tiene miedo", "sent",
         hears=("social worker", "trabajadora social")),
    Need("easy_breathing", "he uses his inhaler every night", "usa el inhalador todas las noches", "sent",
         hears=("written asthma plan", "plan de asma por escrito")),
    Need("north_hartford_ascend", "he has big tantrums", "hace muchos berrinches", rule="place",
         place={"en": "06120", "es": "Upper Albany"}, hears=("https://northhartfordascend.org/about",)),
)
FAMILIES: list[tuple[Need, Language, str]] = [
    (need, language, channel) for need in NEEDS for language in LANGUAGES for channel in ("sms", "web")]
Family = tuple[Need, Language, str]


def _id(need: Need, language: str, channel: str) -> str:
    return f"{need.program}-{language}-{channel}"


@dataclass
class Talk:
    """What was said by the agent in all, right with the program's question, and the case at the end."""

    said: list[str] = field(default_factory=list)
    asked: str = ""
    after_yes: str = ""
    case: dict[str, Any] = field(default_factory=dict)


def _talks(system: System, store: Store, number: int, family: Family) -> Talk:
    need, language, channel = family
    talk = Talk()
    if channel == "sms":
        phone = Phone(f"http://127.0.0.1:{system.ports.simulator}", f"+1203555{number:04d}", 60.0)
        parent: Phone | WebVisitor = phone
        look: Callable[[], dict[str, Any]] = lambda: view_case(store, actor="test", phone=phone.number)  # noqa: E731
        talk.said.append(phone.says("hello" if language == "en" else "hola buenas tardes"))
    else:
        web = WebVisitor(f"http://127.0.0.1:{system.ports.gateway}", language, 60.0)
        parent = web
        talk.said.append(web.opens())
        look = lambda: view_case(store, actor="test", receipt_or_conversation=web.conversation)  # noqa: E731
    _leads_on(parent, look, need, language, talk)
    talk.case = look()
    return talk


def _leads_on(parent: Phone | WebVisitor, look: Callable[[], dict[str, Any]], need: Need, language: str, talk: Talk) -> None:
    told = {"worry": [need.en if language == "en" else need.es]}
    for _ in range(MOST_TURNS):
        expects = look()["expects"]
        kind, id_ = expects["kind"] or "consent", expects["id"]
        if kind == "needs_met":
            return
        of_this = kind == "contact_consent" and id_ == (None if need.first else need.program)
        if of_this:
            talk.asked = "\n".join(talk.said[-1:])
        answer = _answer(need, language, kind, id_, told)
        talk.said.append(parent.says(answer))
        if of_this:
            talk.after_yes = talk.said[-1]
    raise AssertionError(f"{need.program} never came to its end: {talk.said[-3:]}")


def _answer(need: Need, language: str, kind: str, id_: str | None, told: dict[str, list[str]]) -> str:
    if kind == "worry":
        return told["worry"].pop() if told["worry"] else "no"
    if kind == "birth_date":
        return SKIP[language] if need.months is None else in_words(born(need.months))
    if kind == "place":
        return need.place[language]
    if kind == "contact_consent" and id_ not in (None, need.program):
        return "no"
    return ANSWERS[language].get(kind, SKIP[language])


@pytest.fixture(scope="module")
def talks(system: System, live_store: Store, request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str, str], Talk]]:
    """The whole conversation of every family that a test of this run asks for; several go on at the same time."""
    numbers, asked_for = count(101), {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {(need.program, language, channel): pool.submit(_talks, system, live_store, next(numbers),
                                                                  (need, language, channel))
                   for need, language, channel in FAMILIES if _id(need, language, channel) in asked_for}
        yield {key: future.result() for key, future in running.items()}


@pytest.mark.parametrize(("need", "language", "channel"), FAMILIES,
                         ids=[_id(*family) for family in FAMILIES])
def test_a_need_is_recognised_its_program_told_in_two_lines_and_referred_to_on_a_yes(
    need: Need, language: Language, channel: str, talks: dict[tuple[str, str, str], Talk], content: Content
) -> None:
    talk = talks[need.program, language, channel]
    program = content.programs.program(need.program)
    told = f"{program.name.in_language(language)}: {program.tell.in_language(language)}"
    assert told in talk.asked.replace("\n", " "), talk.asked
    assert ("YES or NO?" if language == "en" else "¿SÍ o NO?") in talk.asked
    assert not need.hears or any(words in talk.after_yes for words in need.hears), talk.after_yes
    case = talk.case
    assert case["language"] == language and case["channel"] == channel
    assert {"program": need.program, "status": need.status, "rule": need.rule} in case["referrals"]
    refused = {a["item"] for a in case["answers"] if a["item"].startswith("contact_consent.") and a["value"] != "yes"}
    assert not {f"contact_consent.{referral['program']}" for referral in case["referrals"]} & refused
    assert ("contact", True) in [(consent["kind"], consent["given"]) for consent in case["consents"]]


def test_nobody_is_told_that_a_child_is_fine_or_asked_a_question_of_the_questionnaires(
    talks: dict[tuple[str, str, str], Talk]
) -> None:
    said = " ".join(text for talk in talks.values() for text in talk.said).lower()
    assert [word for word in ("on track", "normal", "don't worry", "no se preocupe", "asq", "m-chat", "you qualify")
            if word in said] == []
