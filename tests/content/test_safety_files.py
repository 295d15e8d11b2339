"""A mistake in the safety files stops the program at start and says where it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.content.safety import load_safety
from intake.content.yaml_source import ContentError

FOLDER = Path(__file__).parents[2] / "content" / "safety"
OWN_LINES = FOLDER.parent / "programs" / "safety_lines.yaml"


@pytest.mark.parametrize(
    ("file", "before", "after", "complaint"),
    [
        ("triggers.yaml", "  - name: lead\n", "  - name: lead_paint\n", "'lead_paint' has no lines"),
        ("triggers.yaml", "category: seizure", "category: seizures", "category"),
        ("triggers.yaml", "{swallow} + {battery}", "{swallow} + {batteri}", "names the set 'batteri'"),
        ("lines.yaml", "  battery:\n", "  batery:\n", "no situation in triggers.yaml is named 'batery'"),
        ("lines.yaml", 'es: "¿Esto pasa ahora mismo?"', "", "es"),
        ("words.yaml", "negators:", "negation:", "negators"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, file: str, before: str, after: str, complaint: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "safety"))
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_safety(folder, OWN_LINES)
    assert complaint in str(error.value)
    assert all(problem.line >= 1 for problem in error.value.problems)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("  child_crisis:\n", "  child_in_crisis:\n", "'child_crisis' needs 'first' and 'number'"),
        ("  child_crisis:\n", "  child_in_crisis:\n", "no situation in lines.yaml is named 'child_in_crisis'"),
        ("  suicidal_child:\n", "  suicidal_child:\n    number: {en: 'Call us.', es: 'Llame.'}\n", "cannot be replaced"),
        ("situations:\n", "situation:\n", "situations"),
        ("    second:\n", "    secnd:\n", "unknown field"),
    ],
)
def test_a_mistake_in_the_affiliates_own_lines_is_named_with_its_file(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    own = tmp_path / "safety_lines.yaml"
    text = OWN_LINES.read_text(encoding="utf-8")
    assert before in text
    own.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_safety(FOLDER, own)
    assert any(complaint in problem.message and problem.file == str(own) for problem in error.value.problems)


def test_without_the_affiliates_own_lines_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        load_safety(FOLDER, tmp_path / "none.yaml")
