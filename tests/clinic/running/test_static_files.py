"""Collected scripts carry no comments, and those of the diary stay small enough for a phone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import FileSystemFinder

from clinic.running.static_files import MinifiedStaticFilesStorage

AT_OPENING, WITH_THE_GRID = 20_000, 3_000  # bytes, compressed


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """`collected(name)`: what a browser gets of it."""
    storage = MinifiedStaticFilesStorage(location=tmp_path_factory.mktemp("static"), base_url="/static/")
    scripts = {path: (source, path) for path, source in FileSystemFinder().list([]) if path.startswith("js/")}
    for path, (source, name) in scripts.items():
        with source.open(name) as script:
            storage.save(path, script)
    assert not [name for name, _, done in storage.post_process(scripts) if isinstance(done, Exception)]
    return lambda name: Path(storage.path(storage.stored_name(name))).read_bytes()


def weight(script: bytes) -> int:
    return len(gzip.compress(script))


def test_a_collected_script_is_the_source_without_comments_and_blanks(collected):
    script = collected("js/diary.js").decode()

    assert script.startswith("(()=>{const region=document.querySelector(")
    assert "// " not in script
    assert "\n " not in script


def test_words_on_the_screen_keep_their_blanks(collected):
    assert "`Free ${shown(from)} to ${shown(to)}`" in collected("js/diary-drag.js").decode()


def test_the_diary_opens_with_little_script(collected):
    htmx = Path(finders.find("django_htmx/htmx-2.min.js")).read_bytes()
    ours = (collected(f"js/{name}.js") for name in ("diary", "offline-sheet"))

    assert weight(htmx) + sum(map(weight, ours)) <= AT_OPENING
    assert weight(collected("js/diary-drag.js")) <= WITH_THE_GRID
