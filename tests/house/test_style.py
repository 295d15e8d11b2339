"""The code is written as this house writes: short functions and files, names of the field, one place for each danger."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from tree import ENGINE, SERVICE, Module, functions, modules

LONGEST_FUNCTION = 40
LONGEST_FILE = 400
MOST_IN_MEDIAN = 10

FORBIDDEN_NAMES = re.compile(r"^(utils?|helpers?|common|misc|managers?)$|_(utils?|helpers?|manager)$")
FORBIDDEN_MARKS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
SENTENCE = re.compile(r"\w+\W+\w+.*?[.!?:](\s|$)", re.DOTALL)

READS_THE_ENVIRONMENT = ("settings.py", "__main__.py")
COMMITS = ("intake/store/connection.py", "intake/store/schema.py")

LOG_METHODS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})
LOGGERS = frozenset({"log", "_log", "logger", "_logger", "logging", "getLogger"})
# What a parent wrote, or who they are, must not reach a log under any of these names; an exception's text may quote it.
PRIVATE = frozenset({
    "text", "texts", "words", "own_words", "body", "phone", "sender", "name", "child_name", "value", "values", "email", "form",
    "payload", "params", "headers", "url", "error", "exc", "exception",
})

EXCEPTION_MAY_QUOTE = "an exception's text may quote a message"

CODE = modules(*SERVICE, ENGINE)
each_module = pytest.mark.parametrize("module", CODE, ids=[str(module.path) for module in CODE])


def length(node: ast.stmt) -> int:
    """Lines from the ``def`` to the end; decorators and comments above do not count."""
    return (node.end_lineno or 0) - node.lineno + 1


def test_no_function_is_longer_than_forty_lines() -> None:
    long = {f"{module.path}:{function.name}": length(function) for module in CODE for function in functions(module)
            if length(function) > LONGEST_FUNCTION}
    assert long == {}


def test_the_median_function_is_shorter_than_ten_lines() -> None:
    lengths = sorted(length(function) for module in CODE for function in functions(module))
    assert lengths[len(lengths) // 2] < MOST_IN_MEDIAN


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(m.path): lines for m in modules(*SERVICE, ENGINE, "tests") if (lines := m.source.count("\n")) > LONGEST_FILE}
    assert long == {}


def test_every_module_begins_with_a_sentence_that_says_what_it_is_for() -> None:
    silent = [str(module.path) for module in modules(*SERVICE, ENGINE, "tests")
              if not SENTENCE.search(ast.get_docstring(module.tree) or "")]
    assert silent == []


def test_every_public_class_and_function_says_what_it_does() -> None:
    silent = [f"{module.path}:{name}" for module in CODE for name in undocumented(module)]
    assert silent == []


def undocumented(module: Module) -> Iterator[str]:
    """The public classes, functions and methods without a docstring; a method that fulfils a base class's needs none."""
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name
            if not fulfils_another(node):
                yield from (f"{node.name}.{method.name}" for method in node.body if is_silent(method))
        elif is_silent(node):
            yield node.name


def fulfils_another(node: ast.ClassDef) -> bool:
    """Whether the class has a base that says what its methods do."""
    return any(ast.unparse(base).split(".")[-1] not in ("object", "Protocol", "BaseModel", "StrEnum") for base in node.bases)


def is_silent(node: ast.stmt) -> bool:
    """Whether ``node`` is a public function without a docstring."""
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return is_function and not node.name.startswith("_") and not ast.get_docstring(node)


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {(str(module.path), part) for module in CODE for part in module.dotted.split(".")}
    assert [path for path, part in sorted(parts) if FORBIDDEN_NAMES.search(part)] == []


def test_nothing_is_left_for_later() -> None:
    found = [str(module.path) for module in modules(*SERVICE, ENGINE, "tests", "bench", "migrations")
             if FORBIDDEN_MARKS.search(module.source)]
    assert found == []


def test_the_environment_is_read_in_one_place_per_program() -> None:
    readers = [
        f"{module.path}:{node.lineno}"
        for module in modules(*SERVICE)
        if module.path.name not in READS_THE_ENVIRONMENT and module.path.parts[0] != "growline"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert readers == []


def test_a_transaction_is_committed_in_the_store_alone() -> None:
    places = {
        str(module.path)
        for module in CODE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert places <= set(COMMITS)


def test_every_time_has_a_zone() -> None:
    naive = [f"{module.path}:{node.lineno}" for module in CODE for node in ast.walk(module.tree)
             if isinstance(node, ast.Call) and is_naive(node)]
    assert naive == []


def is_naive(call: ast.Call) -> bool:
    """Whether ``call`` makes a time without a zone."""
    if not (isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).split(".")[-1] == "datetime"):
        return False
    arguments = len(call.args) + len(call.keywords)
    if call.func.attr in ("utcnow", "utcfromtimestamp", "today"):
        return True
    return arguments < {"now": 1, "fromtimestamp": 2}.get(call.func.attr, 0)


@each_module
def test_a_log_line_holds_ids_and_numbers_only(module: Module) -> None:
    found = [breach for call in log_calls(module) for breach in log_breaches(call)]
    if module.path.parts[0] == ENGINE:  # bot/log_privacy.py leaves of an exception only its class and its places
        found = [breach for breach in found if EXCEPTION_MAY_QUOTE not in breach]
    assert found == []


def log_calls(module: Module) -> Iterator[ast.Call]:
    """Every call that writes a log line."""
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS):
            continue
        if ast.unparse(node.func.value).split("(")[0].split(".")[-1] in LOGGERS:
            yield node


def log_breaches(call: ast.Call) -> Iterator[str]:
    """What in a log call could carry private words: a text put together, a private name, a whole exception."""
    where = f"line {call.lineno}: {ast.unparse(call)}"
    if call.func.attr == "exception" or any(keyword.arg == "exc_info" for keyword in call.keywords):
        yield f"{where} ({EXCEPTION_MAY_QUOTE})"
    if call.args and not isinstance(call.args[0], ast.Constant):
        yield f"{where} (write the template out and hand the values over)"
    for argument in call.args[1:]:
        yield from (f"{where} ({name})" for name in names_in(argument) if name in PRIVATE)


def names_in(node: ast.expr) -> Iterator[str]:
    """The names whose value ends up in the log: of ``message.id`` the ``id``; of ``type(error).__name__`` only the class."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Call):
        inner = ast.unparse(node.func)
        if inner not in ("len", "type", "_place"):
            for argument in node.args:
                yield from names_in(argument)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from names_in(child)


def test_the_log_rule_finds_what_it_is_for() -> None:
    bad = 'logger.info(f"from {phone}")\nlog.error("%s", message.text)\nlogger.exception("x")\nlogger.info("%s", str(error))\n'
    good = 'logger.info("%s %s", message.id, type(error).__name__)\nlogger.warning("%d", len(text))\n'
    found = [sum(1 for _ in log_breaches(call)) > 0 for call in calls(bad)]
    assert found == [True] * 4
    assert [breach for call in calls(good) for breach in log_breaches(call)] == []


def calls(source: str) -> list[ast.Call]:
    """The calls of ``source``, one a line."""
    return [line.value for line in ast.parse(source).body]
