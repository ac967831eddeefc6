"""Every address of the site that names one thing of several, as it is written in the URLconf."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.urls import URLResolver, get_resolver

CMS = "/cms/"  # Wagtail's own pages: no object of theirs is one person's, and the rights of the CMS are tested with it


@cache
def routes() -> tuple[str, ...]:
    """Each once, in the order in which they are tried."""
    return tuple(dict.fromkeys(route for route in _walk(get_resolver().url_patterns, "/") if not route.startswith(CMS)))


@cache
def routes_with_parts() -> tuple[str, ...]:
    return tuple(route for route in routes() if "<" in route or "(" in route)


def _walk(patterns, prefix: str) -> Iterator[str]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        else:
            yield route
