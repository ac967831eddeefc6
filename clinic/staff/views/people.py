"""The owner's pages of people: who works here, who is invited, how they sign in, who left."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.models import User
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import long_day
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.staff import invitations, leaving, planned_leaves, recovery
from clinic.staff import people as staff
from clinic.staff.forms import InvitationForm, LeaveForm, RolesForm
from clinic.staff.models import Invitation, Leaver, PlannedLeave

WRONG, REFUSED = 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everyone, the invitations that wait, who left; POST invites."""
    return _invite(request) if request.method == "POST" else _people_page(request, InvitationForm())


@fresh_sign_in_required
def _invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _people_page(request, form, status=WRONG)
    try:
        made = invitations.invite(**form.cleaned_data, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        form.add_error("practitioner" if isinstance(refusal, invitations.ProfileTaken) else "email", str(refusal))
        return _people_page(request, form, status=REFUSED)
    leave_notice(request, f"{made.email} was invited. The link in the email is good for seven days.")
    return redirect("staff:people")


@require_POST
@needs(Right.MANAGE_PEOPLE)
@fresh_sign_in_required
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again, or withdraw it: `do=send|withdraw`."""
    try:
        if request.POST.get("do") == "send":
            sent = invitations.send_again(pk, by=user_of(request), now=clock.now())
            leave_notice(request, f"Sent to {sent.email} again, with a new link. The old one opens nothing.")
        else:
            gone = invitations.withdraw(pk, clock.now())
            leave_notice(request, f"The invitation of {gone.email} was withdrawn. Its link opens nothing.")
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    return redirect("staff:people")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, sign-in, open work; POST changes the roles."""
    one = _person(pk)
    if request.method == "POST":
        return _change_roles(request, one)
    return _person_page(request, one, RolesForm(initial={"roles": one.roles}))


@fresh_sign_in_required
def _change_roles(request: HttpRequest, one: staff.Person) -> HttpResponse:
    form, pk = RolesForm(request.POST), one.user.pk
    if form.is_valid():
        try:
            staff.set_roles(pk, form.cleaned_data["roles"])
        except DomainError as refusal:
            form.add_error("roles", str(refusal))
        else:
            leave_notice(request, f"{one.user}: roles changed. They hold from the next click on.")
            stays = may(User.objects.get(pk=user_of(request).pk), Right.MANAGE_PEOPLE)
            return redirect("staff:person", pk) if stays else redirect("accounts:after_login")
    return _person_page(request, one, form, status=WRONG if form.errors else 200)


@require_POST
@needs(Right.MANAGE_PEOPLE)
@fresh_sign_in_required
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take someone's second factors and sessions away, and mail them a link."""
    one = _person(pk)
    try:
        recovery.reset(pk, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    else:
        leave_notice(request, f"{one.user} is signed out everywhere. A link that is good for an hour is on its way.")
    return redirect("staff:person", pk)


@require_POST
@needs(Right.MANAGE_PEOPLE)
@fresh_sign_in_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """End someone's work here, once nothing of theirs is open: at once, or `when=later`; `when=never` calls that off."""
    one, when = _person(pk), request.POST.get("when")
    if when == "later":
        return _plan_leave(request, one)
    if when == "never":
        called_off = planned_leaves.call_off(pk, clock.now())
        leave_notice(request, f"{one.user} stays." if called_off else "Nothing was planned any more.")
        return redirect("staff:person", pk)
    try:
        leaving.leave(pk, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        form = RolesForm(initial={"roles": one.roles})
        return _person_page(request, one, form, refusal=str(refusal), status=REFUSED)
    leave_notice(request, f"{one.user} left. Nothing of theirs opens anything from now on.")
    return redirect("staff:people")


def _plan_leave(request: HttpRequest, one: staff.Person) -> HttpResponse:
    roles, form, now = RolesForm(initial={"roles": one.roles}), LeaveForm(request.POST), clock.now()
    if not form.is_valid():
        return _person_page(request, one, roles, leave_form=form, status=WRONG)
    try:
        planned = planned_leaves.plan(
            one.user.pk, leaves_at=form.cleaned_data["leaves_at"], by=user_of(request), now=now
        )
    except planned_leaves.LeaveTooSoon as refusal:
        form.add_error("day", str(refusal))
        return _person_page(request, one, roles, leave_form=form, status=WRONG)
    except DomainError as refusal:
        return _person_page(request, one, roles, refusal=str(refusal), status=REFUSED)
    leave_notice(
        request, f"{one.user} leaves on {long_day(clock.today(planned.leaves_at))}. It is done by itself then."
    )
    return redirect("staff:person", one.user.pk)


@require_POST
@needs(Right.MANAGE_PEOPLE)
@fresh_sign_in_required
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give someone who left their roles back; they enrol anew by a link."""
    try:
        user = leaving.come_back(pk, by=user_of(request), now=clock.now())
    except Leaver.DoesNotExist:
        raise Http404 from None
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    else:
        leave_notice(request, f"{user} works here again. A link that is good for an hour is on its way.")
    return redirect("staff:people")


def _people_page(request: HttpRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    everyone = staff.people()
    waiting = Invitation.objects.pending().select_related("invited_by", "practitioner").order_by("-invited_at", "pk")
    context = {
        "section": "people",
        "people": everyone,
        "owners": sum(one.is_owner for one in everyone),
        "waiting": [(row, row.is_open(now)) for row in waiting],
        "leavers": staff.leavers(),
        "form": form,
        "notice": take_notice(request),
    }
    return render_page(request, "staff/people.html", context, status=status)


def _person_page(
    request: HttpRequest,
    one: staff.Person,
    form: RolesForm,
    *,
    leave_form: LeaveForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    planned = PlannedLeave.objects.open().filter(user=one.user).select_related("planned_by").first()
    context = {
        "planned": planned,
        "later": leaving.open_duties(one.user, planned.leaves_at) if planned else [],
        "leave_form": leave_form or LeaveForm(),
        "section": "people",
        "one": one,
        "form": form,
        "duties": leaving.open_duties(one.user, clock.now()),
        "refusal": refusal,
        "notice": take_notice(request),
    }
    return render_page(request, "staff/person.html", context, status=status)


def _person(pk: int) -> staff.Person:
    one = staff.person(pk)
    if one is None:
        raise Http404
    return one
