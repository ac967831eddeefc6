"""What the owner should know of the message schedule: a reminder that comes when a visit can no longer be moved online."""

from __future__ import annotations

from bookings.messages.models import MessageRule
from bookings.visits.models import BookingSettings
from clinic.catalogue.models import Treatment
from clinic.core.advice import advises


@advises(BookingSettings)
def of_late_reminders(settings: BookingSettings) -> list[str]:
    rules = MessageRule.objects.active().filter(kind=MessageRule.Kind.REMINDER).prefetch_related("treatments")
    own = {} if not rules else dict(Treatment.objects.filter(live=True).values_list("pk", "change_window_hours"))
    return [said for rule in rules if (said := _of_one(rule, settings, own))]


def of_rule(rule: MessageRule) -> str:
    """Nothing if it is in time, or not in use, or no reminder."""
    if not rule.is_active or rule.kind != MessageRule.Kind.REMINDER:
        return ""
    own = dict(Treatment.objects.filter(live=True).values_list("pk", "change_window_hours"))
    return _of_one(rule, BookingSettings.load(), own)


def _of_one(rule: MessageRule, settings: BookingSettings, own: dict[int, int | None]) -> str:
    """`own` has the change window of each treatment, in hours, where it differs from the clinic's."""
    about = [one.pk for one in rule.treatments.all()] or list(own)
    windows = [settings.change_window_hours if own.get(pk) is None else own[pk] for pk in about]
    window = max((hours for hours in windows if hours is not None), default=settings.change_window_hours)
    if rule.hours > window:
        return ""
    return (
        f"“{rule}” comes when a visit can no longer be moved online: that ends {window} hours before. Whoever gets it can "
        "still say that they can’t come, but is marked as late. Send it earlier, or let visits be moved for longer."
    )
