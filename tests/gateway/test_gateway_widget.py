"""The chat window's two scripts: a fresh loader with the words, and the window under the hash of its content."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from gateway.edge import Edge
from gateway.widget import BuiltWidget, read_built, widget_router

MOST_BYTES = 15 * 1024
BUILT = BuiltWidget("window.0123.js", b"the window", "begin(__GROWLINE__)")


def _served(app: FastAPI, built: BuiltWidget | None) -> TestClient:
    other = FastAPI()
    edge: Edge = app.state.edge
    other.include_router(widget_router(edge, built))
    return TestClient(other)


def test_the_loader_names_the_window_and_carries_the_words_of_both_languages(client: TestClient) -> None:
    loader = client.get("/widget.js")
    assert loader.status_code == 200 and loader.headers["cache-control"] == "no-cache"
    path = re.search(r"/widget/window\.[0-9a-f]{16}\.js", loader.text)
    assert path is not None
    assert "Escríbanos sobre su niño" in loader.text and "Chat about your child" in loader.text
    assert "__GROWLINE__" not in loader.text
    window = client.get(path.group())
    assert window.status_code == 200 and "immutable" in window.headers["cache-control"]
    assert window.headers["content-type"].startswith("text/javascript")


def test_a_loader_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/widget.js").headers["etag"]
    again = client.get("/widget.js", headers={"If-None-Match": etag})
    assert again.status_code == 304 and again.content == b""


def test_a_window_of_an_older_build_is_not_found(client: TestClient) -> None:
    assert client.get("/widget/window.0000000000000000.js").status_code == 404
    assert client.get("/widget/..%2f..%2fpyproject.toml").status_code == 404


def test_no_word_can_end_the_script_it_stands_in(app: FastAPI) -> None:
    with TestClient(app):
        loader = _served(app, BUILT).get("/widget.js").text
    told = json.loads(loader.removeprefix("begin(").removesuffix(")"))
    assert told["window"] == "/widget/window.0123.js" and "<" not in loader


def test_a_folder_without_a_build_has_no_window(tmp_path: Path) -> None:
    assert read_built(tmp_path) is None


def test_loader_words_window_and_style_weigh_less_than_fifteen_kilobytes_together(client: TestClient) -> None:
    built = read_built()
    assert built is not None, "make setup builds it"
    sent = [int(client.get(path, headers={"Accept-Encoding": "gzip"}).headers["content-length"])
            for path in ("/widget.js", f"/widget/{built.name}")]
    assert sum(sent) < MOST_BYTES


def test_both_scripts_are_sent_gzipped_to_who_takes_it_and_plain_to_others(client: TestClient) -> None:
    built = read_built()
    assert built is not None
    for path in ("/widget.js", f"/widget/{built.name}"):
        small, plain = (client.get(path, headers={"Accept-Encoding": takes}) for takes in ("gzip, br", "identity"))
        assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
        assert small.text == plain.text and small.headers["vary"] == "Accept-Encoding"
        assert int(small.headers["content-length"]) < len(plain.content) / 2
