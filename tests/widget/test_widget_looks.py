"""The chat window for families who enlarge it, force its colours, stop its motion, or use keys, a thumb or a screen reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from family import SCREENS, Widget, until
from playwright.sync_api import Browser, BrowserContext, expect

from growline.system import System

pytestmark = [pytest.mark.system, pytest.mark.browser]
Opens = Callable[..., Widget]

LOOKING = Path(__file__).with_name("looking.js")
OPEN = {"en": "Chat about your child", "es": "Escríbanos sobre su niño"}
ONLY_ME = {"en": "No, only me", "es": "No, solo yo"}
PHONE = (390, 740)
# 1280 x 800 at 200 % and 1280 x 1024 at 400 %: width and height as a style sheet counts them, and how many dots each has.
ZOOMED = {"zoom-200": (640, 400, 2), "zoom-400": (320, 256, 4)}
# WCAG 1.4.12: a family's own spacing of text.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
LEAST_TARGET, THUMB = 24, 44  # WCAG 2.5.8 and 2.5.5
CONTROLS = "button, a[href], input, textarea"
# What is in sight without any scrolling: the last ready answer, the field, Send, the way out.
AT_HAND = ".choices button:last-child, textarea, .main, .link"


@pytest.fixture
def sees(browser: Browser, opens: Opens, system: System) -> Iterator[Opens]:
    """Opens the agency's page, or the chat's own (``alone``), in a browser with further ``options``: dots, colours, motion."""
    contexts: list[BrowserContext] = []

    def sees(language: str = "en", size: tuple[int, int] = PHONE, *, alone: bool = False, **options: Any) -> Widget:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=language, **options)
        context.add_init_script(path=LOOKING)
        contexts.append(context)
        family = opens(language, context=context)
        if alone:
            family.page.goto(f"http://127.0.0.1:{system.ports.gateway}/chat?lang={language}")
        family.page.locator("growline-chat button").first.wait_for(state="attached")
        return family

    yield sees
    for context in contexts:
        context.close()


def begins(family: Widget) -> None:
    """Opens the chat, and waits for the first question."""
    launcher = family.page.get_by_role("button", name=OPEN[family.language])
    if launcher.count():
        launcher.click()
    says_whose_it_is(family)


def says_whose_it_is(family: Widget) -> None:
    """Says that nobody else uses the device, and waits for the first question."""
    family.page.get_by_role("button", name=ONLY_ME[family.language]).click()
    expect(family.page.locator("growline-chat .choices button").first).to_be_visible()
    until(lambda: family.expects() == "consent", "nothing was asked")
    time.sleep(0.4)  # the greeting has several lines


def looks(family: Widget, at: str, *given: Any) -> Any:
    """What the function ``at`` of looking.js finds."""
    return family.page.evaluate("([at, given]) => looking[at](...given)", [at, list(given)])


def can_go_on(family: Widget) -> None:
    """Nothing is cut off or wider than the screen; the question, its answers, the field and Send can be brought into sight."""
    assert looks(family, "tooLarge") == []
    assert looks(family, "unreadable", ".message:not(.from-you) .bubble, .about") == []
    assert looks(family, "unreachable", f"{CONTROLS}, .told") == []


# Larger.

@pytest.mark.parametrize("alone", [False, True], ids=["on-a-site", "alone"])
@pytest.mark.parametrize("zoom", ZOOMED)
def test_zoomed_in_a_family_sees_what_to_answer_and_scrolls_one_way_only(sees: Opens, zoom: str, alone: bool) -> None:
    width, height, dots = ZOOMED[zoom]
    family = sees("es" if alone else "en", (width, height), alone=alone, device_scale_factor=dots)
    begins(family)
    where = "alone" if alone else "on-a-site"
    family.is_pictured(f"{zoom}-{where}-first")
    assert looks(family, "hidden", AT_HAND) == []
    can_go_on(family)
    family.taps("Sí" if alone else "Yes")
    family.has_no_barrier(f"{zoom}-{where}-second")
    assert looks(family, "hidden", AT_HAND) == []
    can_go_on(family)
    if alone:
        assert family.page.evaluate("document.documentElement.scrollHeight") == height


@pytest.mark.parametrize("zoom", ZOOMED)
def test_zoomed_in_the_question_whose_computer_it_is_comes_before_its_answers(sees: Opens, zoom: str) -> None:
    width, height, dots = ZOOMED[zoom]
    family = sees("en", (width, height), device_scale_factor=dots)
    family.page.get_by_role("button", name=OPEN["en"]).click()
    family.has_no_barrier(f"{zoom}-whose")
    assert looks(family, "hidden", "#whose, .link, .language") == []
    assert looks(family, "unreachable", CONTROLS) == []


def test_zoomed_in_the_answers_so_far_can_be_read_and_changed(sees: Opens) -> None:
    family = sees("es", ZOOMED["zoom-400"][:2], device_scale_factor=2)
    begins(family)
    family.goes_on_until("birth_date")
    can_go_on(family)
    family.has_no_barrier("zoom-400-date")
    family.page.get_by_role("button", name="Sus respuestas hasta ahora").click()
    expect(family.page.locator("growline-chat .answers li").first).to_be_visible()
    family.has_no_barrier("zoom-400-answers")
    heights = {one["height"] for one in looks(family, "places", ".answers li button")}
    assert heights == {THUMB}, "a word on a button is broken in two"
    assert looks(family, "tooLarge") == []
    assert looks(family, "unreachable", f"{CONTROLS}, .told") == []


def sizes(family: Widget) -> list[float]:
    """How large the type of each part is, in pixels."""
    return [float(size[:-2]) for [size] in looks(family, "styles", "p:not(.notice), button, textarea, h1, h2", ["font-size"])]


@pytest.mark.parametrize("alone", [False, True], ids=["on-a-site", "alone"])
def test_a_family_with_large_type_in_its_browser_gets_large_type(sees: Opens, alone: bool) -> None:
    family = sees("en", PHONE if alone else (1280, 800), alone=alone)
    begins(family)
    before = sizes(family)
    family.page.context.new_cdp_session(family.page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    family.page.reload()
    if not alone:
        family.opens(shared=None)
    expect(family.page.locator("growline-chat .choices button")).to_have_count(2)
    assert len(before) > 8
    assert sizes(family) == pytest.approx([2 * one for one in before], abs=0.1)
    family.taps("Yes")
    family.has_no_barrier(f"text-200-{'alone' if alone else 'on-a-site'}")
    can_go_on(family)


def test_a_familys_own_spacing_of_text_loses_nothing(sees: Opens) -> None:
    family = sees("es", (320, 640))
    looks(family, "addStyle", SPACED)
    begins(family)
    family.taps("Sí")
    assert looks(family, "styles", ".bubble", ["letter-spacing"])[0] == ["2.04px"]
    family.has_no_barrier("text-spacing")
    can_go_on(family)


# In other colours.

def edges(family: Widget, of: str) -> set[str]:
    """The kinds of border of these parts; "none" where it is too thin or has the colour of the paper."""
    paper = looks(family, "paper")
    found = looks(family, "styles", of, ["border-top-style", "border-top-width", "border-top-color"])
    return {style if float(width[:-2]) >= 1 and color != paper else "none" for style, width, color in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_each_part_keeps_an_edge(sees: Opens, scheme: str) -> None:
    family = sees(forced_colors="active", color_scheme=scheme)
    family.is_pictured(f"forced-colors-{scheme}-closed")
    assert edges(family, ".launcher") == {"solid"}
    begins(family)
    assert edges(family, "button, .link, textarea, .from-bot .bubble") == {"solid"}
    family.page.context.set_offline(True)
    family.field.fill("yes")
    family.field.press("Enter")
    expect(family.log).to_contain_text("Not sent yet")
    family.is_pictured(f"forced-colors-{scheme}-not-sent")  # axe takes the site's own colours for those that are seen
    assert edges(family, ".pending .bubble") == {"dashed"}, "what is not sent looks as if it were"
    colors = looks(family, "styles", ".delivery, .bubble, .notice", ["color"])
    assert len(colors) > 3 and [looks(family, "paper")] not in colors
    family.page.context.set_offline(False)
    until(lambda: family.expects() == "relation", "the words were not sent when the network was back", 40)
    expect(family.page.locator("growline-chat .pending")).to_have_count(0)
    assert edges(family, ".from-you .bubble") == {"solid"}


def test_the_plain_form_keeps_its_edges_and_scrolls_one_way_only(browser: Browser, system: System) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 256}, forced_colors="active")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{system.ports.gateway}/chat?lang=es")
    page.get_by_role("button", name="Empezar el chat").click()
    bubble, field = page.locator(".from-bot .bubble").last, page.locator("textarea")
    page.screenshot(path=SCREENS / "forced-colors-plain-es-320.png", full_page=True)
    for part in (bubble, field, page.get_by_role("button", name="Enviar")):
        expect(part).to_have_css("border-top-style", "solid")
    assert page.locator("html").evaluate("page => page.scrollWidth") == 320
    context.close()


def walks(family: Widget) -> list[dict[str, Any]]:
    """Tabs from the first part of the window to its last; what had the focus, and how it looked then."""
    family.page.locator("growline-chat .link").focus()
    family.page.keyboard.press("Tab")
    family.page.keyboard.press("Shift+Tab")
    found = [looks(family, "focused")]
    while found[-1]["name"] != "Send" and len(found) < 25:
        family.page.keyboard.press("Tab")
        found.append(looks(family, "focused"))
    return found


@pytest.mark.parametrize("colors", ["none", "active"])
def test_whatever_has_the_focus_is_outlined(sees: Opens, colors: str) -> None:
    family = sees(forced_colors=colors)
    family.page.locator("body").press("Tab")
    until(lambda: bool(family.page.keyboard.press("Tab") or looks(family, "focused")), "the button cannot be reached by keys")
    found = [looks(family, "focused")]
    begins(family)
    family.goes_on_until("birth_date")
    found += walks(family)
    assert {one["kind"] for one in found} == {"launcher main", "link", "quiet language", "quiet", "a", "body", "button", "input",
                                              "textarea", "main"}
    papers = {looks(family, "paper"), *looks(family, "styles", ".window", ["background-color"])[0]}
    assert [one for one in found if one["outline"] == "none" or one["width"] < 2 or one["color"] in papers] == []
    family.has_no_barrier("focus" if colors == "none" else "forced-colors-focus")


def test_who_asks_for_more_contrast_gets_edges_and_no_grey(sees: Opens) -> None:
    family = sees(contrast="more")
    begins(family)
    ink = looks(family, "styles", ".bubble", ["color"])[0]
    grey = looks(family, "styles", ".speaker, .about", ["color"])
    assert len(grey) > 1 and grey == [ink] * len(grey)
    assert edges(family, ".bubble") == {"solid"}
    family.has_no_barrier("more-contrast")


def test_in_the_dark_the_fields_are_dark_too(sees: Opens) -> None:
    family = sees(color_scheme="dark")
    begins(family)
    assert looks(family, "styles", "textarea, .body", ["color-scheme"]) == [["light dark"]] * 2
    family.has_no_barrier("dark")


# Motion.

@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_who_wants_no_motion_and_little_for_others(sees: Opens, wish: str) -> None:
    family = sees(reduced_motion=wish)
    looks(family, "countMotions")
    begins(family)
    family.taps("Yes")
    assert (family.page.evaluate("looking.motions") > 0) == (wish == "no-preference")
    names = ["animation-name", "animation-duration", "animation-iteration-count", "transition-duration", "scroll-behavior"]
    found = {tuple(one) for one in looks(family, "styles", "*", names)}
    still, once = ("none", "0s", "1", "0s", "auto"), ("come", "0.15s", "1", "0s", "auto")
    assert found == ({still} if wish == "reduce" else {still, once})
    assert looks(family, "moved") == ["transform"], "colours or transparency that come and go may flash"


# By keys, by thumb.

def stands_before(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether who reads lines from left to right comes to ``one`` first."""
    shared = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    if shared > min(one["height"], other["height"]) / 2:
        return bool(one["x"] < other["x"])
    return bool(one["y"] < other["y"])


@pytest.mark.parametrize("size", [(1280, 800), ZOOMED["zoom-400"][:2]], ids=["desk", "zoom-400"])
def test_the_focus_goes_in_the_order_seen_and_is_never_covered(sees: Opens, size: tuple[int, int]) -> None:
    family = sees(size=size)
    begins(family)
    family.taps("Yes")
    found = walks(family)
    assert [one["name"] for one in found if one["covered"]] == []
    places = {one["name"]: one for one in looks(family, "places", CONTROLS)}
    assert [one["name"] for one in found if one["kind"] != "body"] == list(places)
    wrong = [(one["name"], other["name"]) for one, other in pairwise(places.values()) if not stands_before(one, other)]
    assert len(places) == 11 and wrong == []


def test_on_a_desk_the_whole_window_is_in_sight(sees: Opens) -> None:
    family = sees(size=(1280, 720))
    begins(family)
    family.goes_on_until("birth_date")
    expect(family.page.locator("growline-chat input[type=date]")).to_be_visible()
    assert looks(family, "hidden", f"h2, .emergency, .progress, {CONTROLS}") == []


def test_a_tap_leads_to_the_field_and_escape_back_to_the_button(sees: Opens) -> None:
    family = sees()
    begins(family)
    expect(family.field).to_be_focused()
    family.page.locator("growline-chat .language").focus()
    family.taps("Yes")
    expect(family.field).to_be_focused()
    for part in ("textarea", ".body", ".choices button >> nth=0"):
        family.page.locator(f"growline-chat {part}").press("Escape")
        expect(family.page.get_by_role("dialog")).to_be_hidden()
        expect(family.page.get_by_role("button", name=OPEN["en"])).to_be_focused()
        family.page.keyboard.press("Enter")
        expect(family.page.get_by_role("dialog")).to_be_visible()
        assert looks(family, "focused")["name"] == "Parent or guardian"


def test_every_target_is_large_enough_for_a_thumb(sees: Opens) -> None:
    family = sees(size=(320, 640))
    found = looks(family, "places", CONTROLS)
    family.page.get_by_role("button", name=OPEN["en"]).click()
    found += looks(family, "places", CONTROLS)
    says_whose_it_is(family)
    family.goes_on_until("birth_date")
    found += looks(family, "places", CONTROLS)
    family.page.get_by_role("button", name="Your answers so far").click()
    expect(family.page.locator("growline-chat .answers li").first).to_be_visible()
    found += looks(family, "places", CONTROLS)
    # A phone number inside a sentence is excepted; it is as high as its line.
    small = {one["name"] for one in found if min(one["width"], one["height"]) < THUMB}
    assert small <= {"1-800-505-7000", "Your answers so far"}
    assert [one for one in found if one["kind"] != "a" and min(one["width"], one["height"]) < LEAST_TARGET] == []


# For a screen reader.

def test_a_screen_reader_is_told_each_new_message_once(sees: Opens) -> None:
    family = sees()
    looks(family, "listen")  # the greeting of a chat begun just now is news too
    begins(family)
    expect(family.log).to_have_attribute("aria-live", "off")
    live = "growline-chat [aria-live]:not([aria-live=off]), growline-chat [role=status], growline-chat [role=alert]"
    expect(family.page.locator(live)).to_have_count(1)
    expect(family.log.locator(live)).to_have_count(0)
    family.taps("Yes")
    family.taps("Parent or guardian")
    new = family.page.locator("growline-chat .message:not(.from-you) .bubble").all_text_contents()
    assert len(new) >= 5
    told = "\n".join(family.page.evaluate("looking.told"))
    assert [told.count(f"Assistant: {text}") for text in new] == [1] * len(new)
    assert "You: " not in told
    assert told.count("Answers to tap: Parent or guardian, Other family") == 1
    expect(family.page.locator(live)).to_be_empty()
