"""Arrows between packages point one way, and importing a module needs nothing but Python."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from tree import ROOT, SERVICE, modules

# Runs in a process of its own: imports the modules named on standard input and tells of each that failed, that opened a
# file of the project which is no Python, or that reached for the network.
IMPORT_ALL = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
root, names = json.load(sys.stdin)
sys.path.insert(0, root)
reached = []
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        reached.append(f"{event} while importing {current}")
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
        inside = arguments[0][len(root):]
        if not inside.endswith((".py", ".pyc")) and not any(part in inside for part in (".pyc.", ".egg-info/", "/.venv/")):
            reached.append(f"opened {inside} while importing {current}")
sys.addaudithook(hook)
for current in names:
    try:
        importlib.import_module(current)
    except BaseException as error:
        reached.append(f"{current}: {type(error).__name__}: {error}")
print(json.dumps(reached))
"""


# Where Twilio's library may be known: it checks a signature, or it speaks to the API.
KNOWS_TWILIO = {"gateway/sms.py", "worker/twilio.py", "simulator/webhooks.py"}


def test_twilios_library_is_known_in_its_own_files_alone() -> None:
    knowing = {
        str(module.path)
        for module in modules(*SERVICE)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(name.split(".")[0] == "twilio" for name in imported(node))
    }
    assert knowing == KNOWS_TWILIO


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules that ``node`` imports."""
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_importing_any_module_needs_no_environment_no_file_and_no_network(tmp_path: Path) -> None:
    names = [module.dotted for module in modules(*SERVICE)]
    assert len(names) > 50
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], input=json.dumps([str(ROOT), names]), env={}, cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
