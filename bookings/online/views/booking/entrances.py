"""Two ways into one flow: on the site, and in a frame on another site, where no cookie reaches us (`stores`).

Who may show the pages in a frame, and why they need no CSRF token: `framing.embeddable`.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from bookings.online.views.booking.age import CannotBook
from bookings.online.views.booking.check import Check
from bookings.online.views.booking.choose import Choose
from bookings.online.views.booking.details import Details
from bookings.online.views.booking.done import Done
from bookings.online.views.booking.flow import address, go
from bookings.online.views.booking.framing import embeddable
from bookings.online.views.booking.stores import FrameStore, SiteStore, Step, lost
from bookings.online.views.booking.when import When

STEPS: dict[str, Step] = {
    "choose": Choose(),
    "when": When(),
    "details": Details(),
    "check": Check(),
    "done": Done(),
    "too_young": CannotBook(),
}
SITE, FRAME = SiteStore(), FrameStore(STEPS)
page = require_http_methods(["GET", "HEAD", "POST"])


def on_site(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """A step with an address of its own; what is known so far waits in the session."""

    @page
    def view(request: HttpRequest) -> HttpResponse:
        turn, step = SITE.begin(request, name), STEPS[name]
        return step.answer(turn) if request.method == "POST" else step.show(turn, request.GET)

    return view


def in_frame(name: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """A step as the answer to a form; only the first has an address: `?treatment=&with=` say what is known already."""

    @page
    @embeddable
    def view(request: HttpRequest) -> HttpResponse:
        is_sent = request.method == "POST"
        if not is_sent and name != "choose":
            return go("embed")
        turn = FRAME.begin(request)
        if turn is None:
            return lost(request, FRAME, start=address("embed"), status=HTTPStatus.BAD_REQUEST)
        is_answer = is_sent and "show" not in request.POST
        return STEPS[name].answer(turn) if is_answer else STEPS[name].show(turn, request.GET)

    return view


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """A lasting address for the script of the page around the frame; the file's own changes with its content."""
    response = HttpResponseRedirect(static("js/embed-frame.js"))
    patch_cache_control(response, public=True, max_age=3600)
    return response
