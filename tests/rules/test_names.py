"""The name is taken out of what a parent writes around it; a sentence is no name."""

from __future__ import annotations

import pytest

from intake.content.library import Content
from intake.rules.names import read_name


@pytest.mark.parametrize(("text", "name"), [
    ("Mateo and he is 2", "Mateo"),
    ("her name is aaliyah rose and shes almost 3", "Aaliyah Rose"),
    ("se llama José Ángel y tiene dos años", "José Ángel"),
    ("Leo he's 18 months", "Leo"),
    ("Aaliyah shes almost 3", "Aaliyah"),
    ("leo", "Leo"),
    ("maría de la luz", "María de la Luz"),
    ("DeShawn", "DeShawn"),
    ("McKenna Rae", "McKenna Rae"),
    ("Noor", "Noor"),
    ("shes called Ava", "Ava"),
    ("he is called Mateo Luis", "Mateo Luis"),
    ("his name's Leo", "Leo"),
    ("se yama lucia", "Lucia"),
    ("le llamamos Nico", "Nico"),
])
def test_a_name_is_read_without_the_story_after_it_and_with_its_capitals(content: Content, text: str, name: str) -> None:
    assert read_name(text, content.names) == name


@pytest.mark.parametrize("text", ["no thats it", "she is only two", "she will be 3 on december 12", "the walking one",
                                  "eso es todo", "he was early", "because of her",
                                  "so basically she was talking and then she just stopped", "my son he was born early"])
def test_a_sentence_is_no_name(content: Content, text: str) -> None:
    assert read_name(text, content.names) is None
