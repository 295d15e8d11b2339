"""Facts that help a coordinator and are never needed: town, doctor, insurance, how they heard, race and ethnicity."""

from __future__ import annotations

from intake.rules.interview import NO, OPTIONAL, SKIP, Expects, Kind
from intake.rules.places import is_elsewhere
from intake.usecases.ready_answers import pick_answer
from intake.usecases.scene import Scene

FREE_TEXT_LIMIT = 200


def tell_fact(scene: Scene, reply: str) -> Expects | None:
    """Keeps the fact that was asked, by its code where a ready answer was picked, else in the parent's words.

    A bare "no" or "not sure" leaves the fact out; a bare "yes" says nothing and is asked again.
    """
    kind = _open_kind(scene)
    if kind is None:
        return None
    told = pick_answer(scene, kind) or (scene.turn.text[:FREE_TEXT_LIMIT] if reply == "inform" else None)
    if told is None and reply in (NO, "not_sure"):
        return skip_fact(scene)
    if told is None:
        scene.say("please_tell_me")
        return None
    setattr(scene.family, kind.value, told)
    scene.answer(kind, told)
    if kind is Kind.PLACE and is_elsewhere(told, scene.content.messages.affiliate.zip_area):
        scene.say("place_elsewhere")
    _say_receipt_after_last(scene, kind)
    return None


def skip_fact(scene: Scene) -> Expects | None:
    """Leaves the fact out."""
    kind = _open_kind(scene)
    if kind is not None:
        scene.answer(kind, SKIP)
        _say_receipt_after_last(scene, kind)
    return None


def _open_kind(scene: Scene) -> Kind | None:
    expects = scene.turn.expects
    return expects.kind if expects is not None and expects.kind in OPTIONAL else None


def _say_receipt_after_last(scene: Scene, kind: Kind) -> None:
    if kind is OPTIONAL[-1] and scene.conversation.receipt_number:
        scene.say("receipt", receipt=scene.conversation.receipt_number)
