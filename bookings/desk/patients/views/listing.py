from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings.desk.patients import listing
from bookings.desk.patients.newcomer import newcomer_in
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.accounts.signing_in.proofs import is_by_pin
from clinic.core import clock
from clinic.core.web.flash import take_notice
from clinic.core.web.htmx import render_page
from clinic.patients.search import LONGEST


@require_safe
@needs(Right.SEE_PATIENTS)
def patients(request: HttpRequest) -> HttpResponse:
    """`?q=` finds; without it all (by PIN today's), alphabetically, from `letter` on; `after` is the last patient of the page before."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    letter = request.GET.get("letter", "")
    letter = letter if letter in listing.LETTERS else ""
    after = request.GET.get("after", "").replace("\x00", "")
    of_today = is_by_pin(request)
    page = listing.page(text=text, now=clock.now(), reader=request.user, after=after, letter=letter, of_today=of_today)
    kept = {name: value for name, value in (("q", text), ("letter", letter)) if value}
    is_swap = bool(getattr(request, "htmx", None))
    context = {
        "section": "patients",
        "page": page,
        "text": text,
        "letter": letter,
        "of_today": of_today,
        "letters": listing.LETTERS,
        "after": after,
        "more": urlencode({**kept, "after": page.after}) if page.after else "",
        "first": urlencode(kept),
        "new": _as_patient(text),
        "notice": None if is_swap else take_notice(request),
    }
    return render_page(request, "bookings/desk/patients/list.html", context, fragment="results")


def _as_patient(text: str) -> dict[str, str]:
    """What was looked for, in the box of the booking page that it fits."""
    if newcomer := newcomer_in(text.split()):
        return {"full_name": newcomer.full_name, "phone": newcomer.written_phone}
    if "@" in text:
        return {"email": text}
    return {"phone": text} if any(letter.isdecimal() for letter in text) else {"full_name": text}
