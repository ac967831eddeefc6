"""Keep a member of staff from leaving while they have visits; end their calendar feeds and API keys when they go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Max, Q
from django.template.defaultfilters import pluralize
from django.urls import reverse

from bookings.desk.feeds.models import CalendarFeed
from bookings.engine.plans import block as blocks
from bookings.engine.transactions import lock_practitioners
from bookings.integrations.models import ApiKey, WebhookEndpoint
from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, Status
from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.formats import long_day
from clinic.practitioners.models import Practitioner
from clinic.running.page_cache import begin_edition
from clinic.staff.leaving import OpenDuty

BLOCKED = blocks.LONGEST - timedelta(days=2)  # a day for the last one, and one for a change of the clocks


class Diary:
    """Coming visits are open work; calendar feeds and API keys are ways in."""

    def open_of(self, user: User, now: datetime) -> Sequence[OpenDuty]:
        """Their coming visits, planned all at once on one page; and a booking that is being made just now."""
        practitioner = Practitioner.objects.filter(user=user).first()
        if practitioner is None:
            return []
        coming = _coming(practitioner, now)
        visits = coming.exclude(status=Status.HELD)
        last = visits.aggregate(last=Max("during__startswith"))["last"]
        duties = []
        if last:
            count = visits.count()
            day = clock.today(last)
            text = f"{count} coming visit{pluralize(count)}, until {long_day(day)}: plan where each goes"
            duties.append(OpenDuty(text, _plan(practitioner, clock.today(now), day)))
        if coming.filter(status=Status.HELD).exists():
            duties.append(OpenDuty("A patient is booking a time with them just now", reverse("bookings:diary")))
        return duties

    def lock(self, user: User) -> None:
        lock_practitioners(Practitioner.objects.filter(user=user).values_list("pk", flat=True))

    def end(self, user: User, now: datetime) -> Sequence[str]:
        practitioner = Practitioner.objects.filter(user=user).first()
        theirs = Q(practitioner__user=user) | Q(made_by=user)
        feeds = CalendarFeed.objects.live().filter(theirs).update(revoked_at=now)
        keys = ApiKey.objects.filter(created_by=user, revoked_at=None).update(revoked_at=now)
        said = [f"{feeds} calendar feed{pluralize(feeds)} revoked."] if feeds else []
        said += _close_diary(practitioner) if practitioner else []
        said += [f"{keys} API key{pluralize(keys)} revoked."] if keys else []
        return said + _webhooks_to_look_at(user)


def _webhooks_to_look_at(user: User) -> list[str]:
    """Name the webhooks that go on, if they could set some up: they open nothing here, and are the clinic's."""
    if not may(user, Right.MANAGE_INTEGRATIONS):
        return []
    count = WebhookEndpoint.objects.filter(is_active=True).count()
    said = f"{count} webhook{pluralize(count)} of the clinic still sent: look whether each should be."
    return [said] if count else []


def _close_diary(practitioner: Practitioner) -> list[str]:
    """Take no more bookings and unpublish the profile; gives a sentence for each."""
    said = []
    if practitioner.is_bookable:
        Practitioner.objects.filter(pk=practitioner.pk).update(is_bookable=False)
        said.append(f"{practitioner} is booked no more.")
    if practitioner.live:
        practitioner.refresh_from_db()
        practitioner.unpublish()
        said.append("Their profile was taken off the site.")
    transaction.on_commit(begin_edition)
    return said


def _coming(practitioner: Practitioner, now: datetime) -> AppointmentQuerySet:
    is_alive = ~Q(status=Status.HELD) | Q(hold_expires_at__gt=now)
    open_states = set(ACTIVE) - {Status.COMPLETED}
    return Appointment.objects.filter(
        is_alive, practitioner=practitioner, status__in=open_states, during__endswith__gt=now
    )


def _plan(practitioner: Practitioner, first: date, last: date) -> str:
    """Lead to the plan that blocks all that can be blocked at once, so that it proposes times of colleagues alone."""
    until = max(last, first + BLOCKED)
    asked = {"who": practitioner.slug, "day": first, "until": until, "reason": "No longer works here", "look": 1}
    asked["next"] = reverse("staff:person", args=[practitioner.user_id])
    return f"{reverse('bookings:plan')}?{urlencode(asked)}"
