"""The owner's page about wordings: two of one reminder side by side, and whether they differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.messages.comparison.statistics import wilson
from bookings.messages.comparison.trials import Arm, Trial, reminders
from bookings.messages.comparison.verdict import ENOUGH, TO_SEE_IT, TRIAL, Verdict, per_hundred
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.htmx import render_page

SNIPPETS = "wagtailsnippets_bookings_wording"
SCALES = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)  # how far a bar's scale may reach
MARK = 1  # the width of the mark on a bar, in parts of 100
WEEK, MONTH, YEAR = timedelta(weeks=1), timedelta(days=30.44), timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class Line:
    """An arm as the table shows it; positions on the bar are parts of 100."""

    arm: Arm
    missed: str
    low: str
    high: str
    from_x: str
    width: str
    at_x: str


@dataclass(frozen=True, slots=True)
class Shown:
    trial: Trial
    verdict: Verdict
    lines: list[Line]
    scale: str
    takes: str


@require_safe
@needs(Right.WORD_MESSAGES)
def index(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    trials, alone = reminders(now)
    context = {
        "section": "messages",
        "shown": [_shown(trial, now) for trial in trials],
        "alone": alone,
        "snippets": reverse(f"{SNIPPETS}:list"),
        "add": reverse(f"{SNIPPETS}:add"),
        "mark": MARK,
        "enough": ENOUGH,
        "needed": TO_SEE_IT,
        "nhs": [per_hundred(share) for share in TRIAL],
    }
    return render_page(request, "bookings/messages/wordings.html", context)


def _shown(trial: Trial, now: datetime) -> Shown:
    widest = max(wilson(arm.share_missed).high for arm in trial.arms)
    scale = next(scale for scale in SCALES if widest <= scale)
    left = trial.still_takes(now)
    return Shown(
        trial=trial,
        verdict=trial.verdict,
        lines=[_line(arm, scale) for arm in trial.arms],
        scale=f"{100 * scale:.0f}",
        takes=_in_words(left) if left else "",
    )


def _line(arm: Arm, scale: float) -> Line:
    share, range_ = arm.share_missed, wilson(arm.share_missed)
    low, high, at = (100 * value / scale for value in (range_.low, range_.high, share.value))
    return Line(
        arm=arm,
        missed=per_hundred(share.value),
        low=per_hundred(range_.low),
        high=per_hundred(range_.high),
        from_x=f"{low:.1f}",
        width=f"{high - low:.1f}",
        at_x=f"{min(max(at - MARK / 2, 0), 100 - MARK):.1f}",
    )


def _in_words(left: timedelta) -> str:
    """`5 weeks`, `14 months`, `3 years`: as exact as a guess is."""
    for unit, name, most in ((WEEK, "week", 9), (MONTH, "month", 24)):
        if left < most * unit:
            number = max(round(left / unit), 1)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return f"{round(left / YEAR)} years" if left < 50 * YEAR else "more than 50 years"
