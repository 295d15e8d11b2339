"""Decides what a message says to the open question: by its words where they are plain, else by the network's opinion.

Four kinds of question are read differently: a milestone (five offered replies), a yes/no question, a question
with choices, and one answered in own words. To the last kind "Maria", "Hartford" or "she doesn't talk" are
answers (`inform`), yet "why do you need that?" and "prefiero no decir" are not.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.meaning_reader import meaning_of
from bot.components.permission import PERMISSIONS, unless_told_of_child
from bot.components.reader import MessageReader, OpenQuestion, add_entities
from bot.components.reply_words import REPLY_WORDS, SURE, UNSURE, Reading, read_sentence, read_whole, words_in
from bot.components.wording import bare, fold
from bot.meaning.meaning import Meaning

YES_NO = frozenset(
    {"consent", "early_birth", "lost_skills", "contact_consent", "confirm_answers", "needs_met"}
)
OWN_WORDS = frozenset(
    {
        "child_name",
        "birth_date",
        "worry",
        "contact_name",
        "phone",
        "place",
        "best_time",
        "doctor",
        "insurance",
        "heard_from",
        "race_ethnicity",
        "relation",
        "free",
    }
)
ASKS_FOR_MORE = frozenset({"worry", "lost_skills"})
CHOICES = frozenset({"relation", "insurance", "heard_from", "race_ethnicity", "best_time", "worry"})
NAMES = frozenset({"child_name", "contact_name"})

MILESTONE_NUMBERS = {"1": "yes", "2": "sometimes", "3": "not_yet", "4": "not_sure", "5": "skip"}
MILESTONE_LETTERS = {"a": "yes", "b": "sometimes", "c": "not_yet", "d": "not_sure", "e": "skip"}
YES_NO_NUMBERS = {"1": "yes", "2": "not_yet", "a": "yes", "b": "not_yet"}

# What a family may want at any question; an answer in own words never stands in its way. So may every question of theirs,
# whose intents begin with "ask_".
REQUESTS = frozenset(
    {
        "skip",
        "wants_person",
        "correct_previous",
        "go_back",
        "pause",
        "another_child",
        "delete_data",
        "referral_status",
        "change_language",
        "thanks",
        "greet",
    }
)
QUESTION_PREFIX = "ask_"
# Greetings and thanks are short and known by their words; a guess of one inside an answer is a mistake.
NEVER_GUESSED = frozenset({"thanks", "greet"})

# Measured on writers held out of training (docs/understanding.md). Under OPINION the network has none; from TRUSTED on it is
# right more often than the patterns of the lexicon.
OPINION = 0.3
TRUSTED = 0.45
TRUSTED_BESIDE_FEW_WORDS, FEW_WORDS, PLAIN_PATTERN = 0.7, 5, 0.9
REQUEST_THRESHOLD = 0.6
OUTSIDE = 0.5
FIRST_WORDS_THRESHOLD = 0.7
SURE_REQUEST = 0.85
DOUBTED = 0.75  # where words and network disagree: read back before it is kept

CHOICE = re.compile(
    r"^(?:(?:option|number|opcion|numero|num|no|la|el|#|the)\s*\.?\s*)?#?\s*([1-9]|1\d|[a-h])\s*[.)\]]*$"
)
SEVERAL_CHOICES = re.compile(r"^\s*([1-9a-h])(?:\s*(?:,|&|\+|/|y|and| )\s*([1-9a-h]))+\s*$")
ZIP = re.compile(r"(?<!\d)\d{5}(?:-\d{4})?(?!\d)")
PHONE = re.compile(r"(?<![\d/])(?:\+?1[\s.-]*)?\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}(?!\d)")
CORRECTION = re.compile(
    r"\b(i meant|i mean to say|meant to (say|put)|my mistake|made a mistake|i was wrong|mistyped|typo"
    r"|wrong (answer|button|number)"
    r"|(change|fix|correct|edit|update) (my|that|the|an|one|his|her|their|it)\b|let me (change|correct"
    r"|fix)|scratch that|wait,? no\b"
    r"|(last|previous|earlier|first|second|other) (one|answer|question) (should|is wrong|was wrong"
    r"|is actually|was)"
    r"|quise decir|queria decir|quise poner|me equivoque|equivocacion|fue un error|corrijo|correccion"
    r"|(cambiar|corregir|cambie|corrija|cambio|arreglar) (mi|la|el|esa|una|lo|mis|su)\b"
    r"|respuesta (anterior|de antes|pasada)"
    r"|(la|lo) del? .{2,40}\b(es|era|fue|va) (que )?(si|no|a ?veces|todavia no|no se)\W*$"
    r"|the [\w ]{2,30} one (is|was|should be) |wrong (birth ?day|birth ?date|date|name|age)\b"
    r"|(fecha|edad|nombre) (esta|estaba) mal|la fecha (no es|era))"
)
ACTUALLY = re.compile(
    r"^(no,? |wait,? |sorry,? |perdon,? |espere,? |oh,? )*(actually|en realidad|la verdad es que si"
    r"|de hecho|pensandolo bien|on second thought)\b[ ,]*"
)
# "The walking one is sometimes", "la de caminar es sí": the new answer comes last.
NEW_ANSWER = re.compile(r"\b(?:es que|era que|es|era|fue|va|is|was|its|it's|should be) (?P<answer>.+)$")
ANOTHER_CHILD = re.compile(
    r"\b(other|another|second|both|twins?|also|too|siblings?|brother|sister|otr[oa]s?|segund[oa]|tambien"
    r"|gemel[oa]s?|cuat(?:es|itos)|melliz[oa]s?|herman[oa]s?|herman[ia]t[oa]s?|dos (?:hij|nin|nen|beb))"
)
DONE_BY_CHILD = re.compile(
    r"\b((he|she|they|it) (can|is|are|has|have|do)|does|did|si (lo |la )?(hace|puede|camina|habla|dice"
    r"|senala|sabe)|lo hace)\b"
)
ONLY_NAMES = re.compile(
    r"^[A-ZÀ-Þ][\w'’.-]*(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|del|la|los|y|van|von|da|dos))* [A-ZÀ-Þ][\w'’.-]*\.?$"
)
PLAIN_SIZE = 9


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReplyReader(MessageReader):
    """Overrides the classifier where the reply's form is plain, and lowers its confidence where it is not."""

    def read(self, message: Message, question: OpenQuestion) -> None:
        """Set the message's intent and add `reply`, `choice` and `phone` entities."""
        text: str = message.get(TEXT)
        guess = message.get(INTENT) or {}
        guessed = Reading(guess.get("name") or "out_of_scope", float(guess.get("confidence") or 0.0))
        entities = _phones(text) + _choices(text, question)
        found = message.get(ENTITIES, []) + entities
        guessed = _unless_empty(guessed, question, found, meaning_of(message))
        reading = read_reply(text, question, guessed, found)
        if reading.intent == "correct_previous":
            entities += corrected_reply(text)
        message.set(INTENT, {"name": reading.intent, "confidence": reading.confidence}, add_to_output=True)
        add_entities(message, entities, type(self).__name__)


def _unless_empty(
    guessed: Reading, question: OpenQuestion, found: list[dict[str, Any]], meaning: Meaning
) -> Reading:
    """The guess; but where a yes or no is open, a message that informs of nothing means something else.

    Somebody who neither answers nor tells a worry most often asks a question of their own.
    """
    told_nothing = guessed.intent == "inform" and not found and question.kind in YES_NO | {"milestone"}
    others = {name: chance for name, chance in meaning.intents.items() if name != "inform"}
    if not told_nothing or not others:
        return guessed
    best = max(others, key=lambda name: others[name])
    return Reading(best, others[best] / sum(others.values()))


def read_reply(
    text: str, question: OpenQuestion, guessed: Reading, entities: list[dict[str, Any]] | None = None
) -> Reading:
    """What a message says to the open question; `guessed` is the trained classifier's opinion."""
    found = {entity["entity"] for entity in entities or []}
    guessed = _plausible(guessed, text)
    if not text.strip():
        return Reading("out_of_scope", 1.0)
    if question.kind in NAMES and ONLY_NAMES.match(text.strip()) and not _is_known_phrase_of_requests(text):
        return Reading("inform", 0.95)
    offered = _offered(text, question)
    if offered:
        return offered
    correction = _correction(text, question)
    if correction:
        return correction
    whole = read_whole(text)
    if whole:
        return _whole_in_place(whole, text, question)
    if question.kind in OWN_WORDS:
        return _own_words(text, question, guessed, found)
    reading = _sentence(text, question, guessed, found)
    faint = is_request(reading.intent) and reading.confidence < REQUEST_THRESHOLD
    if question.kind in PERMISSIONS and (faint or reading.intent in REPLY_WORDS):
        reading = unless_told_of_child(reading, text, question.kind)
    if question.kind == "contact_consent" and question.id is None and reading.intent == "wants_person":
        return Reading("yes", reading.confidence)  # "have them call me" is what was asked
    if (
        question.kind == "none"
        and reading.confidence < FIRST_WORDS_THRESHOLD
        and reading.intent != "out_of_scope"
    ):
        # The first words of a conversation tell a story more often than they make a request we only half hear.
        return Reading("inform", UNSURE)
    return reading


def is_request(intent: str) -> bool:
    """Whether an intent is a wish or a question that may come at any time."""
    return intent in REQUESTS or intent.startswith(QUESTION_PREFIX)


def corrected_reply(text: str) -> list[dict[str, Any]]:
    """The reply word a correction carries: "no, I meant not yet" carries not_yet; none found, none given."""
    rest = ACTUALLY.sub("", CORRECTION.sub(" ", fold(text))).strip(" ,.:;-")
    rest = re.sub(r"^(?:(?:no|sorry|oops|wait|perdon|perdone|ay|que)\b[ ,.]*(?=\w))+", "", rest).strip(" ,.")
    reading = read_whole(rest) or _last_said(fold(text)) or read_sentence(rest) or _affirmed(rest)
    if reading is None or reading.intent not in REPLY_WORDS | {"skip"}:
        return []
    return [{"entity": "reply", "value": reading.intent}]


def _last_said(folded: str) -> Reading | None:
    match = NEW_ANSWER.search(folded)
    return read_whole(match["answer"]) if match else None


def _plausible(guessed: Reading, text: str) -> Reading:
    """The guess, unless it needs a word that is not there: nobody speaks of another child without saying so."""
    if guessed.intent == "another_child" and not ANOTHER_CHILD.search(fold(text)):
        return Reading("inform", UNSURE)
    return guessed


def _affirmed(rest: str) -> Reading | None:
    return Reading("yes", 0.8) if DONE_BY_CHILD.search(rest) else None


def _offered(text: str, question: OpenQuestion) -> Reading | None:
    """A number or letter as the question offered it."""
    if bare(text) == "s" and question.kind in YES_NO | {"milestone"}:
        # "s" stands for "sí" in Spanish, and perhaps for "sometimes" in English.
        return Reading("yes", 0.9) if question.language == "es" else Reading("sometimes", UNSURE)
    if bare(text) == "no c":  # "no sé" as it is texted; in English perhaps "number C"
        return Reading("not_sure", SURE if question.language == "es" else UNSURE)
    match = CHOICE.match(fold(text))
    if match is None:
        return None
    picked = match.group(1)
    if question.kind == "milestone":
        return _picked({**MILESTONE_NUMBERS, **MILESTONE_LETTERS}.get(picked))
    if question.kind == "confirm_answers" and picked.isdigit():
        return Reading("inform", 0.95)  # the number of the answer to change
    if question.kind in YES_NO - {"early_birth"}:
        return _picked(YES_NO_NUMBERS.get(picked))
    if question.kind in OWN_WORDS or (question.kind == "early_birth" and picked.isdigit()):
        return Reading("inform", 0.95)
    return Reading("out_of_scope", UNSURE)


def _picked(intent: str | None) -> Reading | None:
    return Reading(intent, SURE, whole=True) if intent else Reading("out_of_scope", UNSURE)


def _correction(text: str, question: OpenQuestion) -> Reading | None:
    folded = fold(text)
    if CORRECTION.search(folded):
        return Reading("correct_previous", 0.93)
    actually = ACTUALLY.match(folded)
    if actually is None or question.kind in OWN_WORDS:
        return None
    rest = folded[actually.end() :]
    # "Actually, sometimes" answers the open question; "actually he does point" goes back to an earlier one.
    return Reading("correct_previous", 0.85) if rest and read_whole(rest) is None else None


def _whole_in_place(whole: Reading, text: str, question: OpenQuestion) -> Reading:
    """A complete reply, doubted where the question makes it mean something else."""
    if whole.intent == "nothing_more":
        return Reading("not_yet", SURE) if question.kind in ASKS_FOR_MORE else Reading("out_of_scope", UNSURE)
    if (
        question.kind in NAMES
        and whole.intent in REPLY_WORDS | {"skip", "pause", "greet"}
        and text.strip()[:1].isupper()
    ):
        return Reading(whole.intent, UNSURE)
    if question.kind in YES_NO and whole.intent == "sometimes" and question.kind != "needs_met":
        return Reading(whole.intent, UNSURE)
    return whole


def _own_words(text: str, question: OpenQuestion, guessed: Reading, found: set[str]) -> Reading:
    """An answer in own words, unless it asks for something."""
    read = read_sentence(text)
    if question.kind == "place" and ZIP.search(text):
        return Reading("inform", 0.95)
    if (
        read
        and is_request(read.intent)
        and not (question.kind in {"worry", "free"} and found & {"concern"} and read.intent != "wants_person")
    ):
        return read
    if found & {"phone", "birth", "concern", "choice"}:
        return Reading("inform", 0.93)
    if (
        is_request(guessed.intent)
        and guessed.intent not in NEVER_GUESSED
        and guessed.confidence >= (TRUSTED if "?" in text else REQUEST_THRESHOLD)
        and len(words_in(text)) > 1
    ):
        return guessed
    if read and read.intent in REPLY_WORDS and read.intent == "not_sure":
        return read
    if guessed.intent == "out_of_scope" and guessed.confidence >= OUTSIDE and question.kind not in NAMES:
        return guessed
    return Reading("inform", 0.9 if guessed.intent == "inform" or question.kind in NAMES else 0.8)


def _sentence(text: str, question: OpenQuestion, guessed: Reading, found: set[str]) -> Reading:
    """A sentence where a reply is expected, or where nothing is."""
    read = read_sentence(text)
    if question.kind == "early_birth" and "birth" in found:
        return Reading(_early_birth_reply(text), 0.93)
    if question.kind == "none" and found & {"concern", "birth"}:
        return Reading("inform", 0.85)
    # Beside a worry a request is only believed when it is plain: the worry must not pass for something else.
    trusted = TRUSTED_BESIDE_FEW_WORDS if read and _says_it_all(read, text) else TRUSTED
    believed = SURE_REQUEST if "concern" in found else trusted
    if guessed.confidence >= (believed if is_request(guessed.intent) else trusted):
        return _agreed(guessed, read)
    if read:
        return _by_words(read, guessed, text)
    if question.kind == "none":
        return guessed
    if found:
        return Reading("inform", UNSURE)
    # A faint guess is no answer that is kept: the actions read it back, or ask again, as its confidence tells them to.
    return guessed


def _says_it_all(read: Reading, text: str) -> bool:
    """Whether a plain pattern is nearly the whole message: "nah only w grandma"."""
    return read.confidence >= PLAIN_PATTERN and len(words_in(text)) <= FEW_WORDS


def _agreed(guessed: Reading, read: Reading | None) -> Reading:
    """The network's opinion; surer where the words say the same."""
    if read is not None and read.intent == guessed.intent:
        return Reading(guessed.intent, max(read.confidence, guessed.confidence))
    return guessed


def _by_words(read: Reading, guessed: Reading, text: str) -> Reading:
    """What the words say where the network hardly has an opinion; doubted where it has another one."""
    if guessed.confidence >= OPINION and guessed.intent != read.intent:
        return Reading(read.intent, min(read.confidence, DOUBTED))
    return Reading(read.intent, read.confidence if _plain(text) else max(UNSURE, read.confidence - 0.1))


def _early_birth_reply(text: str) -> str:
    return (
        "not_yet"
        if re.search(
            r"\b(full[ -]?term|on time|a ?tiempo|a termino|due date|not early|no (fue|nacio) (prematur"
            r"|antes)|late|overdue|after (his|her|the|my) due|complet[oa]|se paso|(37|38|39|4[0-2])\b)",
            fold(text),
        )
        else "yes"
    )


def _plain(text: str) -> bool:
    return len(words_in(text)) <= PLAIN_SIZE


def _is_known_phrase_of_requests(text: str) -> bool:
    # "Call Me" and "Una Persona" ask for somebody; "Stop Garcia" and "Skip Jones" are names.
    whole = read_whole(text)
    return whole is not None and whole.intent != "inform"


def _phones(text: str) -> list[dict[str, Any]]:
    return [
        {"entity": "phone", "value": match.group(), "start": match.start(), "end": match.end()}
        for match in PHONE.finditer(text)
    ]


def _choices(text: str, question: OpenQuestion) -> list[dict[str, Any]]:
    if question.kind not in CHOICES | YES_NO | {"milestone"}:
        return []
    folded = fold(text)
    if question.kind == "race_ethnicity" and SEVERAL_CHOICES.match(folded):
        return [
            {"entity": "choice", "value": picked}
            for picked in re.findall(r"\b[1-9a-h]\b", folded)
            if picked != "y"
        ]
    match = CHOICE.match(folded)
    return [{"entity": "choice", "value": match.group(1)}] if match else []
