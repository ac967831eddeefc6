"""The page to go on to, as a form or an address names it, if that is a safe place."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000  # letters


def next_page(request: HttpRequest, *, under: str, named: str | None = None) -> str:
    """What is `named`, as `next` if not otherwise; nothing if it leads to another site, or not to a page `under` that."""
    to = (request.POST or request.GET).get("next", "") if named is None else named
    is_ours = to.startswith(under) and url_has_allowed_host_and_scheme(to, {request.get_host()})
    return to if is_ours and len(to) <= LONGEST else ""
