"""A shared tablet: choose a PIN for the day, and open what is locked with it, as the same person or as another."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.models import UserSession
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.models import User
from clinic.accounts.permissions import account_of, user_of
from clinic.accounts.signing_in.proofs import PIN
from clinic.accounts.signing_in.security_log import note_refused
from clinic.accounts.views import forget_what_is_kept
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.next_page import next_page
from clinic.staff.enrolment import is_guarded
from clinic.staff.idle_lock import is_beyond_pin
from clinic.staff.middleware import asking_page
from clinic.staff.models import Tablet
from clinic.staff.tablet.browser import tablet_of
from clinic.staff.tablet.forms import PinForm, UnlockForm
from clinic.staff.tablet.pins import evening, faces, open_by_pin, set_pin

WRONG = 422


@sensitive_post_parameters("pin", "again")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_sign_in_required
def choose_pin(request: HttpRequest) -> HttpResponse:
    """Choose today's PIN of this tablet. The fresh sign-in is the full one of the day: a PIN does not count as one."""
    tablet, user = tablet_of(request), user_of(request)
    if tablet is None or not is_guarded(user):
        return redirect("accounts:after_login")
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            set_pin(user, tablet, form.cleaned_data["pin"], clock.now())
        except DomainError as refusal:
            form.add_error("pin", str(refusal))
        else:
            leave_notice(request, f"Until this evening your PIN opens “{tablet}”. It ends after five wrong tries.")
            return redirect("accounts:after_login")
    return render(request, "staff/pin.html", {"form": form, "tablet": tablet}, status=WRONG if form.errors else 200)


@sensitive_post_parameters("pin")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Show who opens this tablet by PIN today, and let in whoever types theirs."""
    tablet = tablet_of(request)
    if tablet is None:
        return redirect("accounts:after_login")
    if request.method != "POST":
        return _page(request, tablet)
    form = UnlockForm(faces(tablet, clock.now()), request.POST)
    if not form.is_valid():
        return _page(request, tablet, form)
    try:
        who = open_by_pin(tablet, form.cleaned_data["person"], form.cleaned_data["pin"], clock.now())
    except DomainError as refusal:
        note_refused(method=PIN, user=form.cleaned_data["person"])
        form.add_error("pin", str(refusal))
        return _page(request, tablet, form)
    return _go_on(request, tablet) if who == account_of(request) else _begin(request, tablet, who)


def _go_on(request: HttpRequest, tablet: Tablet) -> HttpResponse:
    """Open the session of the same person again, and do what a form sent meanwhile."""
    _note(request, user_of(request), tablet)
    kept, to = request.session.get(STATE_SESSION_KEY), next_page(request, under="/")
    try:
        _check_kept(request, kept)
        answer = resume_request(request)
    except ReauthenticationRequired:  # it takes more than a PIN: the form waits on
        request.session[STATE_SESSION_KEY] = kept
        asked = asking_page(user_of(request)) or reverse("account_reauthenticate")
        return redirect(f"{asked}?{urlencode({REDIRECT_FIELD_NAME: to})}")
    return answer or redirect("accounts:after_login")


def _check_kept(request: HttpRequest, kept: dict[str, str] | None) -> None:
    """Ask for more before a kept form is handed to its view: that is done past the middleware, which judges these paths.

    Raises:
        ReauthenticationRequired: it is for a page that no PIN opens.
    """
    path = json.loads(kept["request"])["path"] if kept else ""
    if is_beyond_pin(path) and get_next_redirect_url(request, REDIRECT_FIELD_NAME) == path:
        raise ReauthenticationRequired


def _begin(request: HttpRequest, tablet: Tablet, who: User) -> HttpResponse:
    """End the session of whoever was here, with all that it knew, and begin one of `who`, on their own first page."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    request.session.flush()
    get_adapter().login(request, who)
    UserSession.objects.create_from_request(request)
    _note(request, who, tablet)
    return forget_what_is_kept(redirect("accounts:after_login"))


def _note(request: HttpRequest, user: User, tablet: Tablet) -> None:
    until = evening(clock.now()).timestamp()
    record_authentication(request, user, method=PIN, tablet=tablet.pk, until=until)


def _page(request: HttpRequest, tablet: Tablet, form: UnlockForm | None = None) -> HttpResponse:
    user, known = account_of(request), faces(tablet, clock.now())
    own = next((face for face in known if face.user == user), known[0] if len(known) == 1 else None)
    form_shown = form or UnlockForm(known, initial={"person": own.user.pk if own else None})
    if own and form is None:
        form_shown.fields["pin"].widget.attrs["autofocus"] = True
    context = {
        "form": form_shown,
        "faces": known,
        "tablet": tablet,
        "next": next_page(request, under="/"),
        "has_none": user is not None and all(face.user != user for face in known),
        "other_way": asking_page(user) if user else None,
    }
    return render(request, "staff/unlock.html", context, status=WRONG if form_shown.errors else 200)
