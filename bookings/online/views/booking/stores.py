"""One flow, two stores: on the site the server's session, in a frame on another site the page itself.

The steps (`book`, `confirm`) are the same. A store says which draft a request is about, how a page leads to the next,
and what is kept on the way. On the site a form is answered by a redirect, so a page has an address; in a frame, where
no cookie reaches us, each page is the answer to a form, and its signed token is all that is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from bookings.online import drafts
from bookings.online.views import access, proof
from bookings.online.views.booking import again
from bookings.online.views.booking.flow import Choice, Draft, Page, address, token_of
from bookings.online.views.visitor import visitor_of
from bookings.visits.models import Appointment
from bookings.visits.visitors import HOLDS_OF_SESSION, Visitor
from clinic.accounts.models import User
from clinic.accounts.permissions import account_of
from clinic.core.web.htmx import render_page

SESSION_KEY = "drafts"
BEGINNINGS = frozenset({"choose", "when", "too_young"})


class Step(Protocol):
    """A page of the flow: `show` it, as `query` says, or take what its form says (`answer`)."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse: ...

    def answer(self, turn: Turn) -> HttpResponse: ...


class Store(Protocol):
    is_framed: bool
    base: str

    def link(self, turn: Turn, step: str, query: Mapping[str, str]) -> str:
        """Where a link or a form to `step` leads."""

    def onward(self, turn: Turn, step: str, query: Mapping[str, str]) -> HttpResponse:
        """Keep the draft, and show `step`."""

    def keep(self, turn: Turn) -> None:
        """Keep the draft for the pages after this one."""

    def open_visit(self, turn: Turn, visit: Appointment) -> None:
        """Let who has just booked see the visit."""


@dataclass(slots=True)
class Turn:
    """One request of the flow: the draft as it stands, and what the page whose form was sent knew of it.

    `page` is None where no form was sent, or a page that is too old or not ours.
    """

    request: HttpRequest
    store: Store
    draft: Draft
    page: Page | None = None

    def link(self, step: str, **query: str) -> str:
        return self.store.link(self, step, query)

    def onward(self, step: str, query: Mapping[str, str] | None = None) -> HttpResponse:
        return self.store.onward(self, step, query or {})

    def keep(self) -> None:
        self.store.keep(self)

    @property
    def proved_patients(self) -> frozenset[int]:
        """The patients whom this visitor has shown to be; in a frame nobody has."""
        return frozenset() if self.store.is_framed else proof.proved_patients(self.request)

    @property
    def visitor(self) -> Visitor | None:
        """Against whom a kept time is counted; in a frame there is the network address alone."""
        return visitor_of(self.request, has_session=not self.store.is_framed)

    @property
    def account(self) -> User | None:
        """The account that books; in a frame there is none."""
        return None if self.store.is_framed else account_of(self.request)

    def has_seen(self, shown: str) -> bool:
        """Whether the page whose form was sent showed just this."""
        return self.page is not None and self.page.shown == shown

    def render(self, name: str, context: Mapping[str, Any], *, shown: str = "", fragment: str = "") -> HttpResponse:
        """A page of the flow, whose form carries the draft and a digest of what is `shown`."""
        known = {
            "base": self.store.base,
            "framed": self.store.is_framed,
            "token": token_of(self.draft, shown),
            "section": "book",
        }
        response = render_page(
            self.request, f"bookings/online/book/{name}.html", known | dict(context), fragment=fragment
        )
        if self.draft.is_personal or self.draft.booked:  # others may be stored by a browser, so that Back works
            add_never_cache_headers(response)
        return response


class SiteStore:
    """The session keeps the drafts of one browser, one for each tab, the newest last."""

    is_framed = False
    base = "base_booking.html"

    def begin(self, request: HttpRequest, step: str) -> Turn:
        page = Page.read(request.POST["token"]) if "token" in request.POST else None
        choice = page.draft.choice if page else Choice.read(request.GET)
        kept = self._kept(request, step, page)
        if kept and not (kept["booked"] and step in BEGINNINGS):
            draft = Draft.read(kept, choice if choice.treatment else None)
        else:
            draft = page.draft if page and not kept else Draft(choice)
        again.fill_in(request, draft)
        return Turn(request, self, draft, page)

    def _kept(self, request: HttpRequest, step: str, page: Page | None) -> Any:
        """The draft that the page or the address names; for an address that names none, the newest."""
        kept = request.session.get(SESSION_KEY, {})
        name = page.draft.id if page else request.GET.get("draft")
        if name is None and step not in BEGINNINGS:
            return next(reversed(kept.values()), None)
        return kept.get(name)

    def link(self, turn: Turn, step: str, query: Mapping[str, str]) -> str:
        draft = turn.draft
        again_for = {again.FOR: again.ME} if again.is_for_me(turn.request) and step in BEGINNINGS else {}
        name = "" if draft.is_fresh else draft.id
        return address(step, {**draft.choice.params, **again_for, **query, "draft": name})

    def onward(self, turn: Turn, step: str, query: Mapping[str, str]) -> HttpResponse:
        if turn.request.method == "POST" and not turn.draft.is_fresh:
            self.keep(turn)
        return HttpResponseRedirect(self.link(turn, step, query))

    def keep(self, turn: Turn) -> None:
        """The draft is the newest now; of more than `HOLDS_OF_SESSION`, the oldest gives its time back."""
        session, draft = turn.request.session, turn.draft
        kept = {name: one for name, one in session.get(SESSION_KEY, {}).items() if name != draft.id}
        kept[draft.id] = draft.written()
        oldest = list(kept)[:-HOLDS_OF_SESSION]
        drafts.let_go(filter(None, [kept.pop(name)["hold_id"] for name in oldest]))
        session[SESSION_KEY] = kept

    def open_visit(self, turn: Turn, visit: Appointment) -> None:
        access.remember_booked(turn.request, visit)


class FrameStore:
    """Nothing is kept here: the page hands on what is known so far. `steps` are the pages it can show."""

    is_framed = True
    base = "base_embed.html"
    lives = timedelta(hours=2)

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self.steps = steps

    def begin(self, request: HttpRequest) -> Turn | None:
        """None where the page that was sent is too old, or not ours."""
        if request.method != "POST":
            return Turn(request, self, Draft(Choice.read(request.GET)))
        page = Page.read(request.POST.get("token", ""), self.lives)
        return Turn(request, self, page.draft, page) if page else None

    def link(self, turn: Turn, step: str, query: Mapping[str, str]) -> str:
        return address("embed" if step == "choose" else f"embed_{step}", query)

    def onward(self, turn: Turn, step: str, query: Mapping[str, str]) -> HttpResponse:
        return self.steps[step].show(turn, query)

    def keep(self, turn: Turn) -> None:
        """Every page carries the draft anyway."""

    def open_visit(self, turn: Turn, visit: Appointment) -> None:
        """The last page has the visit's own link."""


def lost(request: HttpRequest, store: Store, *, start: str, status: int = 200) -> HttpResponse:
    """The page that says that a place is lost, and what that means."""
    context = {"base": store.base, "framed": store.is_framed, "when_url": start}
    return render(request, "bookings/online/book/restart.html", context, status=status)
