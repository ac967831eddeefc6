"""Let staff in by the link in a letter, and through the steps of enrolment one after the other."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.models import User
from clinic.accounts.permissions import account_of, ask_to_sign_in
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff import enrolment, invitations
from clinic.staff import recovery as recoveries
from clinic.staff.enrolment import Step
from clinic.staff.forms import AgreementForm, CodeForm, NameForm
from clinic.staff.models import Invitation, Recovery

KEPT = "staff_link"  # in the session: the kind and the token of the link that was opened
GONE = 410
TITLES = {
    Step.NAME: "Your name",
    Step.FACTOR: "Passkey or app",
    Step.CODES: "Recovery codes",
    Step.AGREEMENT: "Confidentiality",
}


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the link in the session and lead to a page whose address holds no secret; nothing else changes."""
    found = _invitation(token)
    if found is None or not found.is_open(clock.now()):
        return _over(request, "invitation")
    request.session[KEPT] = ["invitation", token]
    return redirect("staff:start")


@require_safe
def recovery(request: HttpRequest, token: str) -> HttpResponse:
    """The same for a link with which an owner lets someone back in."""
    found = _recovery(token)
    if found is None or not found.is_open(clock.now()):
        return _over(request, "recovery")
    request.session[KEPT] = ["recovery", token]
    return redirect("staff:start")


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Show the next step of whoever has signed in or come by a link, and take what they typed."""
    link = _kept_link(request)
    user = account_of(request)
    if user is None:
        return _come_in(request, link) if link else _no_link(request)
    if link and not _is_for(link, user):
        return render(request, "staff/other_person.html", {"invited": _address(link)}, status=409)
    if link and not (user.is_staff and _is_answered(link, user)):
        return _come_in(request, link)
    return _next_step(request, user)


def _next_step(request: HttpRequest, user: User) -> HttpResponse:
    if not enrolment.is_guarded(user):
        return _over(request, "invitation") if request.session.pop(KEPT, None) else redirect("accounts:after_login")
    if not enrolment.has_device(user) and Recovery.objects.waits_for(user):
        return _over(request, "recovery")
    step = enrolment.next_step(user)
    if step == Step.DONE and not Invitation.objects.pending().filter(user=user).exists():
        return redirect("accounts:after_login")
    return _STEPS[step](request, user)


def _come_in(request: HttpRequest, link: Invitation | Recovery) -> HttpResponse:
    """Ask for the name, or by a recovery link only for a press of the button, then sign in by the link."""
    is_invitation = isinstance(link, Invitation)
    known = User.objects.filter(email__iexact=_address(link)).first()
    form = NameForm(_sent(request), initial={"name": known.name if known else ""}) if is_invitation else None
    if request.method != "POST" or (form and not form.is_valid()):
        return _page(request, Step.NAME, {"form": form, "link": link, "is_recovery": not is_invitation})
    try:
        if isinstance(link, Invitation):
            user = invitations.answer(link, name=form.cleaned_data["name"].strip(), now=clock.now())  # type: ignore[union-attr]
        else:
            user = recoveries.use(link, clock.now())
            request.session.pop(KEPT, None)
    except DomainError:
        return _over(request, "invitation" if is_invitation else "recovery")
    if request.user.is_authenticated:  # by a session that has ended: what it knows goes with it
        kept = request.session.get(KEPT)
        request.session.flush()
        if kept:
            request.session[KEPT] = kept
    record_authentication(request, user, method="link", reauthenticated=True)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=request.path))
    return answer


def _name(request: HttpRequest, user: User) -> HttpResponse:
    form = NameForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=user.pk).update(name=form.cleaned_data["name"].strip())
        return redirect("staff:start")
    return _page(request, Step.NAME, {"form": form})


def _factor(request: HttpRequest, user: User) -> HttpResponse:
    return _page(request, Step.FACTOR, {})


def _codes(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            enrolment.keep_codes(user, typed=form.cleaned_data["code"], now=clock.now())
        except DomainError as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("staff:start")
    return _page(request, Step.CODES, {"form": form, "codes": enrolment.recovery_codes(user)})


def _agreement(request: HttpRequest, user: User) -> HttpResponse:
    form = AgreementForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            enrolment.agree(user, clock.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            request.session.pop(KEPT, None)
            return redirect("accounts:after_login")
    return _page(request, Step.AGREEMENT, {"form": form})


_STEPS = {
    Step.NAME: _name,
    Step.FACTOR: _factor,
    Step.CODES: _codes,
    Step.AGREEMENT: _agreement,
    Step.DONE: _agreement,  # enrolled before and invited again: the roles come with this press
}


def _page(request: HttpRequest, step: Step, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    steps = list(TITLES)
    now = steps.index(step)
    marks = [(TITLES[one], "done" if at < now else "now" if at == now else "later") for at, one in enumerate(steps)]
    context |= {"steps": marks, "step": step, "title": TITLES[step], "number": now + 1, "count": len(steps)}
    status = 422 if form is not None and form.errors else 200
    return render(request, f"staff/enrol_{step.value}.html", context, status=status)


def _kept_link(request: HttpRequest) -> Invitation | Recovery | None:
    """The link that was opened in this browser, while it is good."""
    kind, token = request.session.get(KEPT) or ("", "")
    found = _invitation(token) if kind == "invitation" else _recovery(token) if kind else None
    return found if found and found.is_open(clock.now()) else None


def _invitation(token: str) -> Invitation | None:
    return Invitation.objects.for_link(token).first()


def _recovery(token: str) -> Recovery | None:
    return Recovery.objects.for_link(token).select_related("user").first()


def _is_for(link: Invitation | Recovery, user: User) -> bool:
    return _address(link).casefold() == user.email.casefold()


def _is_answered(link: Invitation | Recovery, user: User) -> bool:
    """Whether the link has nothing left to do: `user` goes on with the steps that it led to."""
    return isinstance(link, Invitation) and link.user_id == user.pk


def _address(link: Invitation | Recovery) -> str:
    return link.email if isinstance(link, Invitation) else link.user.email


def _no_link(request: HttpRequest) -> HttpResponse:
    return _over(request, "invitation") if request.session.pop(KEPT, None) else ask_to_sign_in(request)


def _over(request: HttpRequest, kind: str) -> HttpResponse:
    """One page for a link that was used, withdrawn, ran out or never was one."""
    return render(request, "staff/link_over.html", {"kind": kind}, status=GONE)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
