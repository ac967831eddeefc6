"""Collect our own scripts without comments and blanks: the sources in static/js stay readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "js/"


class MinifiedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:  # noqa: FBT001, FBT002 -- Django's
        if not dry_run:
            for name in filter(is_ours, paths):
                self._put_minified(name, *paths[name])
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def _put_minified(self, name: str, source: Any, path: str) -> None:
        with source.open(path) as script:
            text = jsmin(script.read().decode())
        self.delete(name)
        self._save(name, ContentFile(text.encode()))


def is_ours(name: str) -> bool:
    return name.startswith(OURS) and name.endswith(".js")
