"""The tests are written as this house writes tests: named by behaviour, with fakes of their own, able to fail."""

from __future__ import annotations

import ast
import re

from tree import ENGINE, SERVICE, Function, functions, modules

LONGEST_CONFTEST = 150
LEAST_WORDS = 3  # besides "test"

TESTS = modules("tests")


def tests_of_all() -> list[tuple[str, Function]]:
    return [(f"{module.path}:{function.name}", function) for module in TESTS for function in functions(module)
            if function.name.startswith("test_") and module.path.name.startswith("test_")]


def test_every_test_is_named_by_a_behaviour() -> None:
    short = [place for place, function in tests_of_all() if len(function.name.split("_")) - 1 < LEAST_WORDS]
    assert short == []


def test_no_name_of_a_test_stands_twice_in_a_file() -> None:
    for module in TESTS:
        names = [node.name for node in module.tree.body if isinstance(node, Function) and node.name.startswith("test_")]
        assert len(names) == len(set(names)), module.path


def test_each_file_that_begins_early_exists() -> None:
    [longest] = [node.value for module in modules("tests") if module.path.as_posix() == "tests/conftest.py"
                 for node in module.tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LONGEST"]
    assert set(ast.literal_eval(longest)) <= {module.path.name for module in TESTS}


def test_every_test_can_fail() -> None:
    harmless = [place for place, function in tests_of_all() if not any(checks(node) for node in ast.walk(function))]
    assert harmless == []


def checks(node: ast.AST) -> bool:
    """Whether ``node`` is an assertion, or calls something that asserts for the test."""
    if isinstance(node, ast.Assert):
        return not (isinstance(node.test, ast.Constant) and node.test.value)
    if not isinstance(node, ast.Call):
        return False
    return called(node) in CHECKING


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def checking_functions() -> set[str]:
    """The functions of the tests that assert something for whoever calls them."""
    return {function.name for module in TESTS for function in functions(module) if not function.name.startswith("test_")
            and any(isinstance(node, ast.Assert) for node in ast.walk(function))}


CHECKING = {"raises", "fail", "warns", "expect", *checking_functions()}


def test_no_module_of_ours_is_patched() -> None:
    patched = [f"{module.path}:{node.lineno}" for module in TESTS for node in ast.walk(module.tree)
               if isinstance(node, ast.Call) and patches_ours(node)]
    assert patched == []


def patches_ours(call: ast.Call) -> bool:
    """Whether ``call`` replaces a part of our own code by name: mock.patch("intake…"), monkeypatch.setattr("gateway…")."""
    patcher = ast.unparse(call.func)
    if not re.search(r"(^|\.)patch(\.object)?$|monkeypatch\.setattr$", patcher) or not call.args:
        return False
    first = call.args[0]
    target = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ast.unparse(first)
    return target.split(".")[0] in (*SERVICE, ENGINE)


def test_a_test_finds_its_situation_in_itself_and_not_in_a_long_conftest() -> None:
    long = {str(module.path): lines for module in TESTS if module.path.name == "conftest.py"
            and (lines := module.source.count("\n")) > LONGEST_CONFTEST}
    assert long == {}
