"""The directory as Open Referral HSDS and back: nothing that HSDS holds is lost, nothing is guessed, nothing is certain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from intake.content.bilingual import Bilingual
from intake.content.hsds_export import maximum_age, minimum_age, to_hsds
from intake.content.hsds_import import Draft, drafts_of, one_line, write_draft
from intake.content.hsds_read import HsdsError, services_of
from intake.content.library import Content, load_content
from intake.content.program_facts import AgeBand, Program
from intake.content.programs import load_programs
from intake.content.yaml_source import ContentError

ROOT = Path(__file__).parents[2]
OTHER = ROOT / "tests" / "second_affiliate" / "content" / "programs"
A_SERVICE = "ac148810-d857-441c-9679-408f346de14b"
AN_ORGANIZATION = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"


@pytest.fixture(scope="module")
def ours() -> Content:
    return load_content(ROOT / "content")


def as_program(draft: Draft) -> Program:
    """The program in the file of a complete draft."""
    assert draft.missing == [], draft.missing
    return Program.model_validate(YAML(typ="safe", pure=True).load(draft.as_yaml("a.json")))


def there_and_back(programs: list[Program], content: Content) -> tuple[dict[str, Any], dict[str, Any], list[Draft]]:
    """The export of ``programs``, that of the drafts it became, and the drafts."""
    first = json.loads(json.dumps(to_hsds(programs, content.messages.affiliate, with_unconfirmed=True)))
    drafts, passed_over = drafts_of(services_of(first), "a.json")
    assert passed_over == [] and all(draft.notes == [] for draft in drafts)
    second = to_hsds([as_program(draft) for draft in drafts], content.messages.affiliate, with_unconfirmed=True)
    return without_doubts(first), without_doubts(second), drafts


def without_doubts(page: dict[str, Any]) -> dict[str, Any]:
    """The page without our word on what is unconfirmed, which an import makes everything."""
    for service in page["contents"]:
        service["attributes"] = [a for a in service["attributes"] if a["taxonomy_term"]["code"] != "unconfirmed"]
    return page


def an_import(**service: Any) -> Draft:
    """The draft of one service of another directory."""
    [draft], _ = drafts_of(services_of([{"id": A_SERVICE, "name": "Play Together", "status": "active", **service}]), "a.json")
    return draft


# there and back


def test_both_affiliates_come_back_as_they_went(ours: Content) -> None:
    for programs in (ours.programs.programs, load_programs(OTHER).programs):
        first, second, drafts = there_and_back(list(programs.values()), ours)
        assert first == second and len(drafts) == len(programs)


def words(longest: int = 60) -> st.SearchStrategy[str]:
    return st.text(max_size=longest).map(one_line).filter(bool)


BILINGUAL = st.builds(Bilingual, en=words(), es=words())
CODES = st.text("abcxyz_09", max_size=12).map("a{}".format)
PHONES = st.builds("{}{}-555-01{:02}".format, st.sampled_from(["", "1-"]), st.integers(200, 999), st.integers(0, 99))
MONTHS = st.builds("{}-{:02}".format, st.integers(2000, 2030), st.integers(1, 12))
ZIPS = st.integers(0, 99_999).map("{:05}".format)
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
FACTS = st.lists(st.sampled_from(["name", "tell", "needs", "ages", "places", "referral"]), min_size=1, unique=True)
AGES = st.one_of(
    st.builds(lambda low, span: AgeBand(from_months=low, to_months=low + span), st.integers(0, 200), st.integers(1, 200)),
    st.builds(lambda high: AgeBand(from_months=0, to_months=high, from_pregnancy=True), st.integers(1, 300)))
PLACES = st.one_of(st.just({"everywhere": True}), st.fixed_dictionaries(
    {"towns": st.lists(words(20), min_size=1, max_size=3), "zip_codes": st.lists(ZIPS, max_size=3),
     "zip_is_only_a_hint": st.booleans()}, optional={"note": words()}))
REFERRALS = st.one_of(
    st.fixed_dictionaries({"ways": st.just(["phone", "fax"]), "may_refer": st.just(["anyone"]), "accepts": st.just("family")},
                          optional={"steps": words()}),
    st.fixed_dictionaries({"ways": st.just(["hub"]), "through": CODES, "may_refer": st.just(["parent"]),
                           "accepts": st.just("nobody")}))
OPTIONAL = {
    "operator": words(), "phone": PHONES, "fax": PHONES, "text": PHONES, "url": CODES.map("https://{}.example/".format),
    "email": st.just("a@b.example"), "who": words(), "short_name": BILINGUAL,
    "more_phones": st.lists(st.fixed_dictionaries({"phone": PHONES, "what": BILINGUAL}), min_size=1, max_size=2),
    "hours": st.fixed_dictionaries({"said": BILINGUAL, "weekly": st.lists(st.fixed_dictionaries(
        {"days": DAYS, "opens": CLOCKS, "closes": CLOCKS}), max_size=2)}),
    "locations": st.lists(st.fixed_dictionaries(
        {"name": words(20), "address": words(20), "city": words(20), "state": st.just("ZZ"), "zip_code": ZIPS}),
        min_size=1, max_size=2),
    "unconfirmed": FACTS,
    "cautions": st.lists(st.fixed_dictionaries({"note": words(), "facts": FACTS}, optional={"since": MONTHS}),
                         min_size=1, max_size=2),
    "evidence": st.lists(st.fixed_dictionaries({"facts": FACTS, "source": words(), "checked": MONTHS}), min_size=1, max_size=2),
}
NEEDED = {
    "id": CODES, "name": BILINGUAL, "kind": st.sampled_from(["hub", "asthma"]), "tell": BILINGUAL,
    "needs": st.lists(CODES, min_size=1, max_size=3, unique=True), "ages": AGES, "places": PLACES, "referral": REFERRALS,
    "source": st.lists(words(), min_size=1, max_size=3), "checked": MONTHS,
}
ANY_PROGRAM = st.fixed_dictionaries(NEEDED, optional=OPTIONAL).map(Program.model_validate)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_PROGRAM)
def test_any_program_comes_back_as_it_went(program: Program) -> None:
    first, second, [draft] = there_and_back([program], load_once())
    assert first == second
    assert set(draft.data["unconfirmed"]) == set(as_program(draft).facts())


_LOADED: list[Content] = []


def load_once() -> Content:
    """The content, read once for all examples."""
    if not _LOADED:
        _LOADED.append(load_content(ROOT / "content"))
    return _LOADED[0]


@settings(deadline=None)
@given(st.integers(0, 240), st.integers(1, 240))
def test_ages_in_years_mean_the_same_months(low: int, span: int) -> None:
    ages = AgeBand(from_months=low, to_months=low + span)
    if (ages.to_months - 1) % 12 == 0:
        return  # a last month that is a whole year reads as a whole year; our own attribute tells them apart
    again = an_import(minimum_age=float(minimum_age(ages)), maximum_age=float(maximum_age(ages))).data["ages"]
    assert AgeBand.model_validate(again) == ages


@pytest.mark.parametrize(("months", "years"), [
    ((0, 36), (0, 2)), ((6, 228), (0.5, 18)), ((36, 72), (3, 5)), ((0, 30), (0, 2.42)),
])
def test_a_whole_maximum_is_the_last_year_that_is_served(months: tuple[int, int], years: tuple[float, float]) -> None:
    ages = AgeBand(from_months=months[0], to_months=months[1])
    assert (minimum_age(ages), maximum_age(ages)) == years


# what goes out


def test_what_nobody_has_confirmed_stays_at_home(ours: Content) -> None:
    page = to_hsds(ours.programs.programs.values(), ours.messages.affiliate)
    services = {service["name"]: service for service in page["contents"]}
    homes, violence = services["Healthy Homes"], services["Hospital-based Violence Intervention Program"]
    assert "url" not in homes and "maximum_age" not in violence and "organization" not in services["Easy Breathing"]
    assert "schedules" not in services["211 Child Development"]
    written = json.dumps(page)
    assert "Weekdays in business hours" not in written and "De lunes a viernes" not in written
    assert "Weekdays in business hours" in json.dumps(
        to_hsds(ours.programs.programs.values(), ours.messages.affiliate, with_unconfirmed=True))


def test_a_draft_goes_out_only_when_asked_for(ours: Content) -> None:
    draft = ours.programs.program("easy_breathing").model_copy(update={"unconfirmed": ("name", "tell")})
    assert to_hsds([draft], ours.messages.affiliate)["contents"] == []
    assert len(to_hsds([draft], ours.messages.affiliate, with_unconfirmed=True)["contents"]) == 1


def test_every_service_has_what_hsds_requires_and_every_id_stands_once(ours: Content) -> None:
    page = to_hsds(ours.programs.programs.values(), ours.messages.affiliate)
    assert page["total_items"] == page["size"] == len(page["contents"]) == 12
    ids: list[str] = []
    for service in page["contents"]:
        assert {"id", "name", "status", "description"} <= set(service)
        ids += [service["id"], *(part["id"] for name in ("phones", "schedules", "service_areas", "attributes")
                                 for part in service.get(name, ()))]
    assert len(ids) == len(set(ids))


# what comes in


def test_a_service_of_another_directory_is_a_draft_that_says_what_it_lacks() -> None:
    draft = an_import(
        description="Play groups for families.", url="https://play.example/", minimum_age=0, maximum_age=4,
        phones=[{"id": "1", "number": "(800) 555-0142"}, {"id": "2", "number": "+1 800 555 0143", "type": "fax"},
                {"id": "3", "number": "12"}],
        organization={"id": AN_ORGANIZATION, "name": "Play Together Inc."},
        service_areas=[{"id": "4", "name": "Birchfield"}], assured_date="2026-03-09", alert="Closed in August.",
        schedules=[{"id": "5", "freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00:00", "closes_at": "17:00-05:00"}])
    assert draft.id == "play_together"
    assert (draft.data["phone"], draft.data["fax"]) == ("800-555-0142", "1-800-555-0143")
    assert draft.data["ages"] == {"from_months": 0, "to_months": 60} and draft.data["checked"] == "2026-03"
    assert draft.data["places"] == {"districts": ["Birchfield"]} and draft.data["cautions"] == [{"note": "Closed in August."}]
    assert draft.data["hours"]["weekly"] == [{"days": ["MO", "TU"], "opens": "09:00", "closes": "17:00"}]
    assert draft.missing == ["name.es", "kind", "tell.es", "needs", "referral", "hours.said"]
    assert draft.notes == ["phone number 12"]
    assert set(draft.data["unconfirmed"]) == {"name", "operator", "tell", "phone", "fax", "url", "hours", "ages", "places"}
    assert draft.data["hsds"] == {"service": A_SERVICE, "organization": AN_ORGANIZATION}


def test_a_draft_stops_content_check_until_the_spanish_is_there(tmp_path: Path) -> None:
    for file in OTHER.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert write_draft(an_import(description="Play groups."), tmp_path, "a.json") is not None
    with pytest.raises(ContentError) as error:
        load_programs(tmp_path)
    said = str(error.value)
    assert "play_together.yaml" in said and "'tell.es' is missing" in said and "'needs' is missing" in said


def test_a_complete_draft_loads_and_is_told_to_nobody(ours: Content, tmp_path: Path) -> None:
    for file in OTHER.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    there = load_programs(OTHER).program("lakeside_families").model_copy(update={"id": "by_the_lake"})
    [draft], _ = drafts_of(services_of(to_hsds([there], ours.messages.affiliate)), "a.json")
    assert write_draft(draft, tmp_path, "a.json") is not None
    loaded = load_programs(tmp_path)
    assert not loaded.program("by_the_lake").may_be_told and loaded.program("by_the_lake").shown_url is None
    assert loaded.near("00042") == ("lakeside_families",)
    doors = (tmp_path / "doors.yaml").read_text(encoding="utf-8")
    (tmp_path / "doors.yaml").write_text(doors.replace("program: safe_walls", "program: by_the_lake"), encoding="utf-8")
    with pytest.raises(ContentError, match="is a draft"):
        load_programs(tmp_path)


@pytest.mark.parametrize(("name", "wanted"), [
    ("Niños y Más", "ninos_y_mas"), ("123 Go", "program_123_go"), ("../../etc/passwd", "etc_passwd"), ("学校", "program"),
    ("Crisis", "crisis_2"), ("doors", "doors_2"), ("a" * 300, "a" * 60),
])
def test_a_file_name_is_made_of_plain_letters_and_never_one_of_ours(name: str, wanted: str) -> None:
    assert an_import(name=name).id == wanted


def test_two_services_of_one_name_get_two_files() -> None:
    drafts, _ = drafts_of(services_of([{"id": "1", "name": "Play"}, {"id": "2", "name": "Play!"}]), "a.json")
    assert [draft.id for draft in drafts] == ["play", "play_2"]


def test_a_service_that_is_not_active_is_passed_over_and_named() -> None:
    drafts, passed_over = drafts_of(services_of([{"id": "1", "name": "Old", "status": "defunct"}]), "a.json")
    assert drafts == [] and passed_over == ["Old: its status is defunct"]


def test_what_cannot_be_read_is_noted_and_left_out() -> None:
    draft = an_import(
        url="javascript:alert(1)", email="nobody", minimum_age=9, maximum_age=3, assured_date="soon",
        schedules=[{"id": "1", "freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "10:00"}],
        service_at_locations=[{"id": "2", "location": {"addresses": [{"address_1": "1 Way", "city": "Alderton"}]}}],
        attributes=[{"id": "3", "value": "{", "taxonomy_term": {"code": "places", "taxonomy": "growline"}}])
    assert not {"url", "email", "ages", "hours", "locations", "places"} & set(draft.data)
    assert draft.data["checked"] == "never" and len(draft.notes) == 6


def test_unseen_and_broken_characters_do_not_reach_a_file() -> None:
    draft = an_import(name="A\u0000\u202eB", description="one\n\ntwo\u2028three: # 'x' \"y\"")
    text = draft.as_yaml("evil\nid: other.json")
    assert draft.data["name"]["en"] == "AB" and text.isprintable() is False and "\u202e" not in text
    assert YAML(typ="safe", pure=True).load(text)["tell"]["en"] == "one two three: # 'x' \"y\""
    assert YAML(typ="safe", pure=True).load(text)["id"] == "ab"
    with pytest.raises(HsdsError, match="name"):
        an_import(name="half a sign \ud800")


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "name", "contents", "phones", "number", "attributes", "value", "taxonomy_term", "minimum_age", "status"]), inner)),
    max_leaves=12))
def test_any_json_is_read_or_refused_with_a_reason(data: Any) -> None:
    try:
        drafts, _ = drafts_of(services_of(data), "a.json")
    except HsdsError as error:
        assert error.problems and all(error.problems)
    else:
        assert all(YAML(typ="safe", pure=True).load(draft.as_yaml("a.json"))["unconfirmed"] for draft in drafts)
