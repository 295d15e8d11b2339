"""No sentence for a family or for staff stands in Python: the words live in domain.yml and content/, in both languages.

A string is suspect when it is Spanish, when it speaks to somebody ("you", "your", "please"), or when it is a whole sentence.
Docstrings are free, and so is English that only an operator or a programmer reads: errors that are raised, log lines,
descriptions of settings, figures, parameters and addresses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from tree import modules

PROGRAMS = ("intake", "actions", "worker", "gateway")

SPANISH = re.compile(r"[¿¡]\w|\w[áéíóúüñ]\w* \w|\w \w*[áéíóúüñ]|\b(usted|gracias|por favor|su bebé)\b", re.IGNORECASE)
SPEAKS_TO_SOMEBODY = re.compile(r"\b(you|your|you're|please|thank you|thanks|sorry|we can|we will)\b.*\s", re.IGNORECASE)
SENTENCE = re.compile(r"^[A-Z][\w']*,?( [\w',.:;!?/-]+){2,}[.!?]$", re.MULTILINE)

# Calls whose words are for an operator or a programmer.
FOR_OPERATORS = frozenset({
    "Field", "Counter", "Gauge", "Histogram", "Path", "Query", "Header", "Form", "Cookie", "Body", "FastAPI", "text", "compile",
    "CheckConstraint",
    "debug", "info", "warning", "error", "critical",
})


class Reading(ast.NodeVisitor):
    """Collects the suspect strings of one module, by line."""

    def __init__(self) -> None:
        self.suspects: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring, or the sentence below a constant
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What is raised is read by operators."""

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if not any(ast.unparse(base).endswith(("Error", "Exception")) for base in node.bases):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not ast.unparse(node.targets[0]).endswith("DESCRIPTIONS"):
            self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and key.value == "description"):
                self.visit(value)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in FOR_OPERATORS or name.endswith(("Error", "Problem")) or ast.unparse(node.func) == "super().__init__":
            return
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        written = "".join(part.value if isinstance(part, ast.Constant) else "it" for part in node.values)
        self._judge(written, node.lineno)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._judge(node.value, node.lineno)

    def _judge(self, written: str, line: int) -> None:
        if any(pattern.search(written) for pattern in (SPANISH, SPEAKS_TO_SOMEBODY, SENTENCE)):
            self.suspects.append(f"line {line}: {written}")


def suspects(tree: ast.AST) -> list[str]:
    reading = Reading()
    reading.visit(tree)
    return reading.suspects


def found() -> Iterator[str]:
    for module in modules(*PROGRAMS):
        yield from (f"{module.path} {suspect}" for suspect in suspects(module.tree))


def test_no_sentence_for_people_stands_in_python() -> None:
    assert list(found()) == []


@pytest.mark.parametrize("line", [
    'say("Thank you for telling me.")',
    'reply = f"Welcome back, {name}. Tell me more."',
    'text = "¿Cómo se llama su bebé?"',
    'return "Gracias por escribir"',
    'answers = {"en": "Please send it again"}',
    'return "It was saved."',
])
def test_a_sentence_for_people_is_found(line: str) -> None:
    assert suspects(ast.parse(f"def f():\n    {line}"))


@pytest.mark.parametrize("line", [
    'raise ValueError("a referral cannot move. Please look.")',
    'logger.warning("job %s of a dead worker is taken up again", job)',
    'letters = "áéíóúüñ"',
    'say("lost_skill_call_doctor")',
    'port: int = Field(8080, description="where you reach it")',
    'query = "select id from message where state = 1"',
])
def test_what_is_not_for_people_is_left_alone(line: str) -> None:
    assert suspects(ast.parse(f"def f():\n    {line}")) == []
