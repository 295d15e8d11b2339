"""The approved replies that staff may put into a text to a family: ``messages/replies.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from intake.content.bilingual import Bilingual
from intake.content.messages import Affiliate
from intake.content.yaml_source import ContentError, parse, read_source

FILE = "messages/replies.yaml"


class _RepliesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    replies: dict[str, Bilingual]


def load_replies(folder: Path, affiliate: Affiliate) -> Mapping[str, Bilingual]:
    """The replies of ``folder`` by id, the affiliate filled in; raises ContentError naming file and line."""
    source = read_source(folder / FILE)
    read = None if source.problems else parse(source, (), source.data, _RepliesFile)
    if read is None or source.problems:
        raise ContentError(source.problems)
    return {name: Bilingual(en=_filled(reply.en, affiliate, "en"), es=_filled(reply.es, affiliate, "es"))
            for name, reply in read.replies.items()}


def _filled(text: str, affiliate: Affiliate, language: str) -> str:
    name = affiliate.short_name.in_language("es" if language == "es" else "en")
    return text.format(affiliate=name, phone=affiliate.phone)
