"""Bookings made, moved and cancelled, people who change their minds and addresses, rules that change, loops that die.

Hypothesis draws the steps; whatever goes out is read at that moment and must say what the booking says. Between two
messages of one batch anything may change, too. At the end every visit is told of as it stands, reminders included.

`HYPOTHESIS_STEPS=20000` walks further; `HYPOTHESIS_SEED=7` walks as a run did that printed it;
`HYPOTHESIS_SHRINK=1` takes the minutes to find the shortest walk that fails.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bookings.engine import attendance as coming
from bookings.engine import booking, changes
from bookings.engine.eligibility import details_of
from bookings.messages.delivery import loop as delivery
from bookings.messages.models import Message, MessageRule
from bookings.messages.sender import Sender
from bookings.visits.models import Appointment, BookingSettings
from clinic.core.clock import LONDON
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.sending.outcomes import PerhapsSent, ProviderDown
from tests.bookings.state_machines.sent_messages import CHANNELS, COMING, PLACE, STREET, TREATMENTS, Told, is_day, local
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

STEPS = int(os.environ.get("HYPOTHESIS_STEPS", "250"))  # `make bench ONLY=message-walks` takes 10,000
SETTINGS = settings(
    max_examples=5,
    stateful_step_count=50,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, *([Phase.shrink] if "HYPOTHESIS_SHRINK" in os.environ else [])],
)
THURSDAYS = [date(2027, 3, 25), date(2027, 10, 28)]  # on the Sunday after, the clocks change
ALWAYS = {
    *("book", "move", "cancel", "restore", "changed in between", "sent after a change in between"),
    *(
        "sent confirmation email",
        "sent moved email",
        "sent cancelled email",
        "sent reminder email",
        "sent reminder sms",
    ),
}
TOLD, IN_HAND = {"sent", "unknown"}, {"planned", "leased"}

few = st.integers(0, 40)
persons = st.integers(0, 2)
times = st.tuples(
    st.sampled_from([3, 2, 1, 4, 5, 0]),  # days from today
    st.one_of(st.sampled_from(range(9 * 60, 17 * 60, 30)), st.sampled_from([45, 3 * 60 + 15, 7 * 60, 20 * 60 + 45])),
    st.sampled_from(["free", "free", "free", "as asked"]),
)
who_asks = st.booleans()
pauses = st.sampled_from(["next", "next", "next", "next", 1, 4, 60, 300, 660])
CHANGES = st.integers(0, 9).flatmap(
    [
        *[st.tuples(st.just("move"), st.fixed_dictionaries({"which": few, "when": times, "by_staff": who_asks}))] * 3,
        *[st.tuples(st.just("cancel"), st.fixed_dictionaries({"which": few, "by_staff": who_asks}))] * 2,
        *[st.tuples(st.just("restore"), st.fixed_dictionaries({"which": few}))] * 2,
        *[st.tuples(st.just("prefer"), st.fixed_dictionaries({"person": persons, "by": st.sampled_from(list(CHANNELS))}))] * 2,
        st.tuples(st.just("readdress"), st.fixed_dictionaries({"person": persons})),
    ].__getitem__
)  # fmt: skip
FAULTS = ["none", "none", "none", "died after", "died before", "lost line", "away"]
ACTS: list[tuple[str, st.SearchStrategy]] = []


def act(weight, **choices):
    """One thing that may happen, `weight` times as often as others; what it chooses is drawn with it."""

    def remember(method):
        ACTS.extend([(method.__name__, st.fixed_dictionaries(choices))] * weight)
        return method

    return remember


def any_act():
    """Not one Hypothesis rule for each act: it would leave out whole kinds of them from most walks."""
    acts = [st.tuples(st.just(name), choices) for name, choices in ACTS]
    return st.integers(0, len(acts) - 1).flatmap(acts.__getitem__)


class Killed(BaseException):
    """A loop that dies: nothing catches it."""


class Untrue(BaseException):
    """Something went out that is not so; the loop, which outlives a failed assertion, does not catch it."""


class Clinic(RuleBasedStateMachine):
    """One walk. What the class carries is of the whole run: the test makes a class for each."""

    rows: SimpleNamespace
    counts: Counter
    steps = 0

    def __init__(self):
        super().__init__()
        self.walk = transaction.atomic()
        self.walk.__enter__()
        self.reminders: dict[int, dict] = {}  # by visit, when each reminder was planned for; by its key
        self.accepted, self.faults = Counter(), Counter()
        self.is_broken = False

    def teardown(self):
        try:
            if not self.is_broken:
                self.end()
        finally:
            transaction.set_rollback(True)
            self.walk.__exit__(None, None, None)

    @initialize(thursday=st.sampled_from(THURSDAYS), hour=st.integers(7, 22))
    def open(self, thursday, hour):
        self.now = datetime.combine(thursday, time(hour, 13), tzinfo=LONDON).astimezone(UTC)

    def attempt(self, name, call):
        """Do it; None if it was refused, which then has changed nothing."""
        try:
            with transaction.atomic():
                done = call()
        except DomainError as refusal:
            self.counts[f"{name}: {type(refusal).__name__}"] += 1
            return None
        self.counts[name] += 1
        return done

    def moment(self, when):
        """The time asked for, or the next half hour at which nobody has a visit yet."""
        days, minutes, aim = when
        day = local(self.now).date() + timedelta(days=days)
        starts = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=LONDON).astimezone(UTC)
        if aim == "free":
            standing = Appointment.objects.exclude(status="cancelled").filter(during__startswith__gte=starts)
            taken = {during.lower for during in standing.values_list("during", flat=True)}
            while starts in taken:
                starts += timedelta(minutes=30)
        return starts

    def visit(self, which):
        visits = Appointment.objects.order_by("pk").with_details()
        number = visits.count()
        return visits[which % number] if number else None

    # What people do

    @act(4, person=persons, nurse=st.integers(0, 1), care=st.integers(0, 1), when=times, by_staff=who_asks)
    def book(self, *, person, nurse, care, when, by_staff):
        patient = Patient.objects.get(pk=self.rows.patients[person].pk)
        made = self.attempt(
            "book",
            lambda: booking.book(
                treatment=self.rows.treatments[care],
                practitioner=self.rows.nurses[nurse],
                starts_at=self.moment(when),
                details=details_of(patient),
                now=self.now,
                by_staff=by_staff,
            ),
        )
        self.expect_reminders(made)

    @act(8, change=CHANGES)
    def change(self, *, change):
        name, choices = change
        getattr(self, name)(**choices)

    def move(self, which, when, by_staff):
        visit = self.visit(which)
        if visit is None:
            return
        starts, before = self.moment(when), visit.version
        moved = self.attempt(
            "move", lambda: changes.move(appointment=visit, starts_at=starts, now=self.now, by_staff=by_staff)
        )
        if moved and moved.version > before:
            self.expect_reminders(moved)

    def cancel(self, which, by_staff):
        if visit := self.visit(which):
            self.attempt("cancel", lambda: changes.cancel(appointment=visit, now=self.now, by_staff=by_staff))

    def restore(self, which):
        cancelled = Appointment.objects.filter(status="cancelled").order_by("pk").with_details()
        if number := cancelled.count():
            back = self.attempt("restore", lambda: changes.restore(appointment=cancelled[which % number], now=self.now))
            self.expect_reminders(back)

    @act(1, which=few)
    def say_coming(self, *, which):
        if visit := self.visit(which):
            self.attempt("say_coming", lambda: coming.say_coming(appointment=visit, now=self.now))

    def prefer(self, person, by):
        Patient.objects.filter(pk=self.rows.patients[person].pk).update(contact_by=by)

    def readdress(self, person):
        number = next(self.rows.numbers)
        Patient.objects.filter(pk=self.rows.patients[person].pk).update(
            email=f"new{number}@example.com", phone=f"+447700900{number % 1000:03}"
        )

    @act(1, person=persons, how=st.sampled_from(["standard", "large_print", "text_only"]))
    def read_otherwise(self, *, person, how):
        Patient.objects.filter(pk=self.rows.patients[person].pk).update(letter_format=how)

    @act(1, channel=st.sampled_from(["email", "sms"]), hours=st.sampled_from([2, 12, 24, 48]), asks=st.booleans())
    def edit_rules(self, *, channel, hours, asks):
        one, is_new = MessageRule.objects.get_or_create(
            kind="reminder", channel=channel, hours=hours, defaults={"asks_to_confirm": asks}
        )
        if not is_new:
            MessageRule.objects.filter(pk=one.pk).update(is_active=not one.is_active)

    # The clock and the loop

    @act(6, pause=pauses)
    def time_passes(self, *, pause):
        if pause != "next":
            self.now += timedelta(minutes=pause)
            return
        coming_up = Message.objects.filter(state="planned", due_at__gt=self.now).order_by("due_at").first()
        self.now = max(self.now, coming_up.due_at) if coming_up else self.now + timedelta(minutes=2)

    @act(
        7,
        wait=st.sampled_from(["no", "next"]),
        between=st.lists(CHANGES, max_size=2),
        fault=st.sampled_from(FAULTS),
        at=st.sampled_from([0, 1, 0, 2]),
    )
    def send(self, *, wait, between, fault, at):
        """Send what is due; after the first messages people change things, and one message meets the fault."""
        if wait == "next":
            self.time_passes(pause=wait)
        number, was_changed, between = 0, False, list(between)

        def post(message, now):
            nonlocal number, was_changed
            number += 1
            met = fault if number == at + 1 else "none"
            self.meet("before", met, message)
            sent = self.watch(real, message, now)
            self.counts["sent after a change in between"] += was_changed
            if between:
                self.change(change=between.pop())
                was_changed = True
                self.counts["changed in between"] += 1
            self.meet("after", met, message)
            return sent

        with Sender() as real:
            try:
                delivery.run_once(now=self.now, send=post)
            except Killed:
                assert fault.startswith("died")

    def meet(self, when, fault, message):
        raised = {"died before": Killed, "away": ProviderDown} if when == "before" else {"died after": Killed, "lost line": PerhapsSent}  # fmt: skip
        if fault in raised:
            self.counts[fault] += 1
            self.faults[message.pk] += 1
            raise raised[fault](fault)

    def watch(self, real, message, now):
        """Send it in earnest, and read what arrived."""
        sent = real(message, now)
        if message.channel == "email":
            told = Told(message, now, mail=mail.outbox.pop())
        else:
            told = Told(message, now, text=(self.rows.texts / f"{message.pk}.txt").read_text())
        try:
            told.check()
            assert not (self.accepted[message.pk] and message.channel == "sms"), "a text message went out twice"
            assert self.accepted[message.pk] <= self.faults[message.pk], "an e-mail went out twice without a fault"
        except AssertionError as error:
            raise Untrue(f"{message.key} at {now}") from error
        self.accepted[message.pk] += 1
        self.counts["repeated email"] += self.accepted[message.pk] > 1
        self.counts[f"sent {message.kind} {message.channel}"] += 1
        self.counts["another way"] += "-instead" in message.key
        return sent

    @rule(chosen=any_act())
    def step(self, chosen):
        name, choices = chosen
        type(self).steps += 1
        try:
            getattr(self, name)(**choices)
        except BaseException:
            self.is_broken = True
            raise

    # What must be so

    def expect_reminders(self, visit):
        """That those are planned which the owner's rules and the patient's wish ask for, and none in the night."""
        if visit is None:
            return
        rows = {(row.channel, row.key): row for row in visit.messages.filter(kind="reminder", state="planned")}
        self.reminders[visit.pk] = {key: row.due_at for (_channel, key), row in rows.items()}
        for row in rows.values():
            assert is_day(row.due_at)
            assert self.now < row.due_at < visit.starts_at == row.expires_at
        contact_by = Patient.objects.get(pk=visit.patient_id).contact_by
        for one in MessageRule.objects.filter(is_active=True, kind="reminder", channel__in=CHANNELS[contact_by]):
            due = visit.starts_at - timedelta(hours=one.hours)
            if due > self.now and time(8) <= local(due).time() < time(21):
                mine = [row for (channel, key), row in rows.items() if (channel, f"-{one.hours}h:" in key) == (one.channel, True)]  # fmt: skip
                assert [row.due_at for row in mine] == [due]

    def end(self):
        """Let leases run out and pauses end; then everybody has been told how things stand."""
        for minutes in (4, 4, 60, 60):
            self.now += timedelta(minutes=minutes)
            self.send(wait="no", between=[], fault="none", at=0)
        rows = list(Message.objects.all())
        assert not [row for row in rows if row.state == "leased"]
        for row in rows:
            self.fits(row)
        for visit in Appointment.objects.filter(during__startswith__gt=self.now):
            self.is_told(visit, [row for row in rows if row.appointment_id == visit.pk])

    def fits(self, row):
        number = self.accepted[row.pk]
        if row.state == "sent":
            assert number >= 1
        elif row.state == "unknown":
            self.counts["in doubt sms"] += 1
            assert (row.channel, self.faults[row.pk] > 0) == ("sms", True)
        else:
            assert number <= self.faults[row.pk], "it went out, and the record does not say so"
            assert row.state != "failed" or self.faults  # its own, or that of a loop that died with it in hand

    def is_told(self, visit, rows):
        is_off = visit.status == "cancelled"
        kinds = {"cancelled"} if is_off else {"confirmation", "moved"}
        stand = [row for row in rows if row.state in TOLD or (row.state in IN_HAND and row.attempts)]
        stand = [row for row in stand if row.expires_at == visit.starts_at]
        told = [row for row in stand if row.kind in {"confirmation", "moved", "cancelled"}]
        assert told, "nothing tells how it stands"
        assert max(told, key=lambda row: row.appointment_version).kind in kinds, (
            "the last that was told is something else"
        )
        planned = [row for row in rows if row.state == "planned" and row.kind != "cancelled"]
        assert not (is_off and planned)
        if visit.status in COMING:
            self.is_reminded(visit, {row.key: row for row in rows}, rows)

    def is_reminded(self, visit, by_key, rows):
        for key, due in self.reminders[visit.pk].items():
            row = by_key[key]
            if row.state == "withdrawn":  # by then she wanted it another way
                others = [one for one in rows if one.kind == "reminder" and one.expires_at == row.expires_at]
                assert any(one.state != "withdrawn" for one in others), "no reminder is left"
            elif row.state == "planned":
                assert row.attempts or row.due_at >= due
                assert row.due_at > self.now or (row.retry_at and row.retry_at > self.now)
            else:
                assert row.state in {*TOLD, "expired", "failed"}


@pytest.mark.django_db
@pytest.mark.timeout(60 + STEPS // 5)
def test_whatever_happens_each_message_says_what_the_booking_says_as_it_goes_out(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("bookings.engine.transactions.time.sleep", lambda seconds: None)
    settings.SMS_URL = f"file:{tmp_path}"
    chosen = int(os.environ.get("HYPOTHESIS_SEED", secrets.randbits(32)))
    print(f"HYPOTHESIS_SEED={chosen}")
    walker = type("Walker", (Clinic,), {"rows": build(tmp_path), "counts": Counter()})
    rounds = 0
    while walker.steps < STEPS:
        seed(1000 * chosen + rounds)(walker)
        run_state_machine_as_test(walker, settings=SETTINGS)
        rounds += 1
    print(f"{walker.steps} steps", *sorted(f"{what} {times}" for what, times in walker.counts.items()), sep="\n  ")
    assert STEPS < 1000 or not ALWAYS - set(+walker.counts)


def build(texts):
    MessageRule.objects.all().delete()
    MessageRule.objects.create(kind="reminder", channel="email", hours=48)
    MessageRule.objects.create(kind="reminder", channel="sms", hours=24, asks_to_confirm=True)
    place = LocationFactory(name=PLACE, address=f"{STREET}\nMaidstone")
    BookingSettings.objects.update_or_create(defaults={"max_future_visits": 50})
    rules = {"minimum_notice_hours": 0, "change_window_hours": 0}
    treatments = [TreatmentFactory(name=name, **rules) for name in TREATMENTS]
    nurses = [PractitionerFactory(offers=treatments) for _ in range(2)]
    for nurse in nurses:
        working_week(nurse, place, days=range(1, 8))
    patients = [PatientFactory(contact_by=by) for by in CHANNELS]
    return SimpleNamespace(
        treatments=treatments, nurses=nurses, patients=patients, texts=texts, numbers=iter(range(10_000, 100_000))
    )
