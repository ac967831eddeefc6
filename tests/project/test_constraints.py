"""Each constraint that a model declares, broken by the least that breaks it and nothing else: PostgreSQL names it.

A new constraint fails here until it has its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from bookings.desk.feeds.models import CalendarFeed
from bookings.integrations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from bookings.messages.models import Message, MessageRule
from bookings.timetable.models import Device, ExtraHours, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings, ChangedVisit, DiaryChange, PatientNote, VisitorTally
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.models import AccountNotice
from clinic.advertising.models import AdvertisingVerdict
from clinic.catalogue.models import DeviceKind, Treatment
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.models import AccessInvitation, AccessOpened, JoinNotice, PatientMerge
from clinic.practitioners.models import Credential
from clinic.privacy.models import DataCopy, DataRequest, ErasureLog
from clinic.records.assessing.models import Assessment, AssessmentOutcome
from clinic.records.entries.models import RecordKey
from clinic.records.links.models import RecordLink
from clinic.records.needs.models import TreatmentRules
from clinic.staff.models import Invitation, Leaver, PlannedLeave, Recovery, Tablet, TabletPin
from tests.factories.bookings import (
    AppointmentFactory,
    HoldFactory,
    LocationFactory,
    RoomFactory,
    WordingFactory,
    WorkingHoursFactory,
)
from tests.factories.clinic import (
    AccessFactory,
    CarerAccessFactory,
    CategoryFactory,
    OfferedTreatmentFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
    UserFactory,
)
from tests.factories.consent import a_text, raw_grant, raw_version
from tests.factories.questions import (
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    nurse,
    raw_answer,
    raw_request,
    sent,
)
from tests.factories.records import (
    assess,
    clinician,
    make_access,
    make_glass,
    make_review,
    raw_draft,
    raw_entry,
    raw_past,
    visit_of,
)

pytestmark = pytest.mark.django_db
Break = Callable[[], object]

OURS = ("clinic.", "bookings", "content")
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
TODAY, YESTERDAY, DUE, DUE_LATER = date(2027, 3, 1), date(2027, 2, 28), date(2027, 4, 1), date(2027, 4, 2)
START, END = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
AN_HOUR, WITH_BUFFERS = span(START, END), span(START - timedelta(minutes=5), END + timedelta(minutes=5))
EMPTY = TimestamptzRange(empty=True)
ENDLESS = TimestamptzRange(START, None, "[)")
WITHOUT_A_START = TimestamptzRange(None, END, "()")
AFTER_ITS_START = TimestamptzRange(START, END, "()")
WITH_ITS_END = TimestamptzRange(START, END, "[]")

numbers = count(1)


def one(make: Callable[..., object], **values: object) -> Break:
    """A row with these values; what can be called, such as a factory, is called when the row is made."""
    return lambda: make(**_made(values))


def two(make: Callable[..., object], **shared: object) -> Break:
    """Two rows that have these values in common."""

    def break_it() -> None:
        values = _made(shared)
        for _ in range(2):
            make(**values)

    return break_it


def _made(values: dict[str, object]) -> dict[str, object]:
    return {name: value() if callable(value) else value for name, value in values.items()}


# Rows of models that have no factory: right as they are, and a value or two are made wrong below.


APPROVED = {"approved_by": PractitionerFactory, "approved_at": NOW}


def numbered_version(**values):
    return QuestionnaireVersionFactory(number=next(numbers), **values)


def verdict(**values):
    kind = ContentType.objects.get_for_model(Treatment)
    known = {"surface": "treatment", "text_hash": "0", "list_version": "1", "verdict": "review"}
    return AdvertisingVerdict.objects.create(content_type=kind, **known | values)


def verdict_cleared_by_who_asked():
    person = StaffFactory()
    return verdict(checked_by=person, cleared_by=person, cleared_reason="Looked at.")


def device(**values):
    kind = DeviceKind.objects.create(name=f"Kind {next(numbers)}")
    known = {"name": f"Device {next(numbers)}"} | values
    return Device.objects.create(kind=kind, location=known.pop("location", None) or LocationFactory(), **known)


def regular_time_off(**values):
    known = {"weekday": 1, "starts_at": time(12), "ends_at": time(13), "valid_from": TODAY}
    return RegularTimeOff.objects.create(**known | values)


def extra_hours(**values):
    whose = values.pop("practitioner", None) or PractitionerFactory()
    return ExtraHours.objects.create(practitioner=whose, location=LocationFactory(), **values)


def visit(**values):
    """In an hour, for an hour; it occupies five minutes more on both sides."""
    return AppointmentFactory(**{"during": AN_HOUR, "occupied": WITH_BUFFERS} | values)


def merged(**values):
    values = {"kept": PatientFactory, "gone": PatientFactory, "merged_by": StaffFactory, "merged_at": NOW} | values
    return PatientMerge.objects.create(**_made(values))


def merged_into_itself():
    patient = PatientFactory()
    return merged(kept=patient, gone=patient)


def note(**values):
    values = {
        "patient": PatientFactory,
        "author": StaffFactory,
        "text": "Prefers mornings.",
        "written_at": NOW,
    } | values
    return PatientNote.objects.create(**_made(values))


def invitation(**values):
    known = {"email": f"{next(numbers)}@clinic.example", "roles": ["desk"], "invited_at": NOW, "expires_at": END}
    return Invitation.objects.create(**known | values)


def access_invitation(**values):
    values = {"patient": PatientFactory} | values
    known = {"email": f"{next(numbers)}@example.com", "may": ["visits"], "ends_at": END}
    return AccessInvitation.objects.create(**known | {"invited_at": NOW, "expires_at": END} | _made(values))


def opened(**values):
    values = {"access": CarerAccessFactory} | values
    return AccessOpened.objects.create(**{"what": "visits", "day": TODAY, "opened_at": NOW} | _made(values))


def account_notice(**values):
    values = {"user": UserFactory} | values
    return AccountNotice.objects.create(**{"email": "a@example.com", "what": "x", "sent_at": NOW} | _made(values))


def recovery(**values):
    values = {"user": StaffFactory, "allowed_at": NOW, "expires_at": START} | values
    return Recovery.objects.create(**_made(values))


def recovery_of_oneself():
    person = StaffFactory()
    return recovery(user=person, allowed_by=person)


def tablet(**values):
    return Tablet.objects.create(**{"name": "Front desk", "enrolled_at": NOW, "ends_at": END, **values})


def pin(**values):
    known = {"user": StaffFactory, "tablet": tablet, "digest": "x", "set_at": NOW, "ends_at": END}
    return TabletPin.objects.create(**_made(known | values))


def planned_leave(**values):
    known = {"user": StaffFactory, "leaves_at": START, "planned_at": NOW}
    return PlannedLeave.objects.create(**_made(known | values))


def planned_leave_of_oneself():
    person = StaffFactory()
    return planned_leave(user=person, planned_by=person)


def treatment_rules(**values):
    return TreatmentRules.objects.create(**_made({"treatment": TreatmentFactory, **values}))


def leaver(**values):
    return Leaver.objects.create(**_made({"user": StaffFactory, "left_at": NOW, "roles": [], **values}))


def leaver_by_oneself():
    person = StaffFactory()
    return leaver(user=person, ended_by=person)


def visit_in_place_of_another():
    """With its id and its patient, on another day."""
    first = visit()
    tomorrow = span(START + timedelta(days=1), END + timedelta(days=1))
    return visit(id=first.pk, patient=first.patient, during=tomorrow, occupied=tomorrow)


def diary_change(**values):
    known = {"kind": "block", "made_at": NOW, "starts_at": START, "ends_at": END}
    return DiaryChange.objects.create(**known | values)


def changed_visit(**values):
    values = {"change": diary_change, "appointment": visit, "action": "moved"} | values
    known = {"position": 0, "version_before": 1, "version_after": 2}
    return ChangedVisit.objects.create(**known | _made(values))


def notice(**values):
    return JoinNotice.objects.create(access=AccessFactory(), **_made(values))


def data_request(**values):
    values = {
        "patient": PatientFactory,
        "kind": "access",
        "received_on": TODAY,
        "due_on": DUE,
        "created_at": NOW,
    } | values
    return DataRequest.objects.create(**_made(values))


def data_copy(**values):
    return DataCopy.objects.create(**_made({"account": UserFactory, "asked_at": NOW, **values}))


def erasure(**values):
    return ErasureLog.objects.create(**{"registry_version": "1", "at": NOW} | values)


def feed(**values):
    return CalendarFeed.objects.create(practitioner=PractitionerFactory(), name="Phone", made_at=NOW, **values)


def api_key(**values):
    return ApiKey.objects.create(name="Website", prefix="ck_", digest=b"0" * 32, created_at=NOW, **values)


def endpoint(**values):
    known = {"name": "Website", "url": "https://example.com/", "events": ["booking.booked"], "created_at": NOW}
    return WebhookEndpoint.objects.create(**known | values)


def delivery(**values):
    values = {"endpoint": endpoint, "appointment": visit, "event": "booking.booked", "appointment_version": 1} | values
    times = {"due_at": NOW, "expires_at": END, "created_at": NOW}
    return WebhookDelivery.objects.create(payload={}, **times | _made(values))


def message(**values):
    known = {"kind": "links", "channel": "email", "recipient": "sam@example.com", "due_at": NOW, "expires_at": END}
    return Message.objects.create(key=f"links {next(numbers)}", **known | values)


def rule(**values):
    return MessageRule.objects.create(**{"kind": "review", "channel": "email", "hours": 7} | values)


def entry(**values):
    values = {"patient": PatientFactory, "treatment": TreatmentFactory} | values
    known = {"first_day": TODAY, "last_day": TODAY, "created_at": NOW}
    return WaitingEntry.objects.create(**known | _made(values))


def offer(**values):
    values = {"entry": entry, "practitioner": PractitionerFactory, "appointment": HoldFactory} | values
    known = {"starts_at": START, "created_at": NOW, "expires_at": END}
    return Offer.objects.create(**known | _made(values))


def tally(**values):
    return VisitorTally.objects.create(address=b"digest", **_made(values))


def record_link(**values):
    values = {"patient": PatientFactory, "purpose": "copy", "made_at": NOW, "expires_at": END} | values
    return RecordLink.objects.create(**{"subject": str(next(numbers))} | _made(values))


def consent_twice():
    row = raw_grant()
    row.save(force_insert=True)


def response_twice():
    row = sent()
    row.save(force_insert=True)


SPANS = (EMPTY, ENDLESS, WITHOUT_A_START, AFTER_ITS_START, WITH_ITS_END)
FEW_AND_MANY_DAYS = (0, 731)
SHORT_AND_LONG_STEP = (4, 121)
SHORT_AND_LONG_TREATMENT = (4, 481)


def a_note_that_corrects():
    entry = raw_entry()
    raw_entry(patient=entry.patient, corrects=entry)


def seen():
    return visit_of(clinician())


def assessed(visit):
    entry = visit.entries.first() or assess(visit)
    its = {"patient": entry.patient, "assessor": entry.practitioner, "mode": "in_person"}
    if Assessment.objects.filter(entry=entry).exists():
        Assessment.objects.create(entry=entry, assessed_at=entry.occurred_at, location=visit.location, **its)


def outcome(entry=None, **values):
    entry = entry or assess(seen())
    known = {"treatment": TreatmentFactory, "outcome": "suitable", "valid_until": TODAY}
    return AssessmentOutcome.objects.create(**_made({"entry": entry, "patient": entry.patient, **known, **values}))


def two_outcomes():
    first = outcome()
    outcome(first.entry, treatment=first.treatment)


def struck_twice():
    entry = raw_entry()
    for _ in range(2):
        raw_entry(patient=entry.patient, kind="strike", corrects=entry)


ROWS: dict[str, list[Break]] = {
    # clinic.core
    "slot_step_is_5_to_120_minutes": [
        one(BookingSettings.objects.create, slot_step_minutes=minutes) for minutes in SHORT_AND_LONG_STEP
    ],
    "horizon_is_1_to_730_days": [one(BookingSettings.objects.create, horizon_days=days) for days in FEW_AND_MANY_DAYS],
    "screens_lock_within_an_hour": [
        one(ClinicSettings.objects.create, lock_after_minutes=minutes) for minutes in (0, 61)
    ],
    "shared_tablets_lock_within_an_hour": [
        one(ClinicSettings.objects.create, lock_tablet_after_minutes=minutes) for minutes in (0, 61)
    ],
    "hold_is_1_to_60_minutes": [one(BookingSettings.objects.create, hold_minutes=minutes) for minutes in (0, 61)],
    "consultation_counts_for_1_to_730_days": [
        one(BookingSettings.objects.create, consultation_valid_days=days) for days in FEW_AND_MANY_DAYS
    ],
    "offer_is_10_minutes_to_2_days": [
        one(BookingSettings.objects.create, offer_minutes=minutes) for minutes in (9, 2881)
    ],
    # clinic.accounts
    "one_account_for_each_email_address": [
        lambda: [UserFactory(email=address) for address in ("sam@example.com", "Sam@Example.com")]
    ],
    # clinic.advertising
    "only_a_review_is_cleared": [one(verdict, verdict="block", cleared_by=StaffFactory, cleared_reason="Looked at.")],
    "cleared_by_a_second_person": [verdict_cleared_by_who_asked],
    "clearing_has_a_reason": [one(verdict, cleared_by=StaffFactory), one(verdict, cleared_reason="Looked at.")],
    # clinic.catalogue
    "one_category_of_each_name": [lambda: [CategoryFactory(name=name) for name in ("Skin", "SKIN")]],
    "prescription_only_has_no_public_price_or_picture": [
        one(TreatmentFactory, is_prescription_only=True, price=60),
        one(TreatmentFactory, is_prescription_only=True, price=None, art="leaf"),
    ],
    "treatment_lasts_5_minutes_to_8_hours": [
        one(TreatmentFactory, duration_minutes=minutes) for minutes in SHORT_AND_LONG_TREATMENT
    ],
    "treatment_buffers_are_2_hours_at_most": [
        one(TreatmentFactory, buffer_before_minutes=121),
        one(TreatmentFactory, buffer_after_minutes=121),
    ],
    "treatment_price_is_not_negative": [one(TreatmentFactory, price=-1)],
    "treatment_course_has_1_to_12_visits": [
        *(one(TreatmentFactory, course_visits=visits) for visits in (0, 13)),
        *(one(TreatmentFactory, course_interval_days=days) for days in (0, 366)),
    ],
    "treatment_follow_up_is_due_within_a_year": [one(TreatmentFactory, follow_up_after_days=days) for days in (0, 366)],
    "treatment_consultation_counts_for_1_to_730_days": [
        one(TreatmentFactory, consultation_valid_days=days) for days in FEW_AND_MANY_DAYS
    ],
    "treatment_slot_step_is_5_to_120_minutes": [
        one(TreatmentFactory, slot_step_minutes=minutes) for minutes in SHORT_AND_LONG_STEP
    ],
    # clinic.practitioners
    "a_practitioner_offers_a_treatment_once": [
        two(OfferedTreatmentFactory, practitioner=PractitionerFactory, treatment=TreatmentFactory)
    ],
    "offered_treatment_lasts_5_minutes_to_8_hours": [
        one(OfferedTreatmentFactory, duration_minutes=minutes) for minutes in SHORT_AND_LONG_TREATMENT
    ],
    "statutory_registration_has_a_number": [
        one(Credential.objects.create, practitioner=PractitionerFactory, kind="statutory_register", organisation="NMC")
    ],
    # clinic.patients
    "one_record_for_each_patient": [two(PatientFactory, full_name="Sam Lee", email="sam@example.com")],
    "patient_was_born_after_1900": [one(PatientFactory, date_of_birth=date(1899, 12, 31))],
    "patient_details_are_of_their_length": [
        one(PatientFactory, access_needs="x" * 2000),
        one(PatientFactory, contact_note="x" * 1500),
    ],
    "patient_is_not_merged_into_themselves": [one(PatientFactory, id=7, merged_into_id=7)],
    "a_record_is_merged_once": [two(merged, gone=PatientFactory)],
    "merge_is_of_two_records": [merged_into_itself],
    "merge_undone_says_by_whom": [one(merged, undone_at=NOW), one(merged, undone_by=StaffFactory)],
    "one_live_access_of_an_account_to_a_record": [
        two(CarerAccessFactory, patient=PatientFactory, user=UserFactory),
    ],
    "an_account_is_one_patient": [two(AccessFactory, user=UserFactory)],
    "a_patient_has_one_account": [two(AccessFactory, patient=PatientFactory)],
    "carer_access_has_evidence_and_ends_within_a_year": [
        one(CarerAccessFactory, evidence=""),
        one(CarerAccessFactory, evidence=" "),
        one(CarerAccessFactory, ends_at=None),
        one(CarerAccessFactory, starts_at=NOW, ends_at=NOW.replace(year=NOW.year + 1, second=1)),
    ],
    "carer_may_see_visits_messages_and_forms": [one(CarerAccessFactory, may=["visits", "payments"])],
    "access_ends_after_it_starts": [one(AccessFactory, starts_at=NOW, ends_at=NOW)],
    "access_revoked_by_someone_says_when": [one(AccessFactory, revoked_by=UserFactory)],
    "one_pending_invitation_to_a_record_for_each_address": [
        two(access_invitation, patient=PatientFactory, email="kim@example.com")
    ],
    "access_invitation_lasts_seven_days_at_most": [
        one(access_invitation, expires_at=at) for at in (NOW, NOW + timedelta(days=7, seconds=1))
    ],
    "access_invitation_of_a_carer_ends_within_a_year": [
        *(one(access_invitation, may=may) for may in ([], ["payments"])),
        *(one(access_invitation, ends_at=at) for at in (None, NOW, NOW + timedelta(days=366, seconds=1))),
    ],
    "access_invitation_by_staff_says_what_they_saw": [
        one(access_invitation, kind="self"),
        one(access_invitation, by_staff=True, evidence=" "),
    ],
    "access_invitation_is_answered_once": [
        one(access_invitation, access=CarerAccessFactory),
        one(access_invitation, accepted_at=NOW, revoked_at=NOW),
    ],
    "what_was_opened_is_noted_once_a_day": [two(opened, access=CarerAccessFactory)],
    "only_a_disputed_notice_is_settled": [
        one(account_notice, settled_at=NOW),
        one(account_notice, disputed_at=NOW, settled_by=StaffFactory),
    ],
    "only_a_dispute_closes_an_account": [one(account_notice, closed_account=True)],
    "only_what_is_disputed_is_settled": [
        one(notice, settled_at=NOW),
        one(notice, disputed_at=NOW, settled_by=StaffFactory),
    ],
    # bookings.timetable
    "a_room_name_is_used_once_at_a_location": [two(RoomFactory, location=LocationFactory, name="Room 1")],
    "a_device_name_is_used_once_at_a_location": [two(device, location=LocationFactory, name="Laser")],
    "working_hours_end_after_they_start": [one(WorkingHoursFactory, starts_at=time(9), ends_at=time(9))],
    "working_hours_are_on_a_weekday": [one(WorkingHoursFactory, weekday=day) for day in (0, 8)],
    "working_hours_last_day_is_not_before_the_first": [
        one(WorkingHoursFactory, valid_from=TODAY, valid_until=YESTERDAY)
    ],
    "working_hours_repeat_every_1_to_8_weeks": [one(WorkingHoursFactory, every_weeks=weeks) for weeks in (0, 9)],
    "working_hours_never_overlap": [two(WorkingHoursFactory, practitioner=PractitionerFactory)],
    "extra_hours_during_is_a_half_open_span": [one(extra_hours, during=during) for during in SPANS],
    "extra_hours_are_at_one_location_at_a_time": [two(extra_hours, practitioner=PractitionerFactory, during=AN_HOUR)],
    "time_off_during_is_a_half_open_span": [one(TimeOff.objects.create, during=during) for during in SPANS],
    "regular_time_off_end_after_they_start": [one(regular_time_off, starts_at=time(12), ends_at=time(12))],
    "regular_time_off_are_on_a_weekday": [one(regular_time_off, weekday=day) for day in (0, 8)],
    "regular_time_off_last_day_is_not_before_the_first": [
        one(regular_time_off, valid_from=TODAY, valid_until=YESTERDAY)
    ],
    "regular_time_off_repeat_every_1_to_8_weeks": [one(regular_time_off, every_weeks=weeks) for weeks in (0, 9)],
    # bookings.visits
    "appointment_and_its_patient": [visit_in_place_of_another],
    "practitioner_sees_one_patient_at_a_time": [two(visit, practitioner=PractitionerFactory)],
    "room_holds_one_visit_at_a_time": [two(visit, room=RoomFactory)],
    "device_serves_one_visit_at_a_time": [two(visit, device=device)],
    "patient_has_one_visit_at_a_time": [two(visit, patient=PatientFactory)],
    "appointment_during_is_a_half_open_span": [  # one without an end is held by no `occupied` that has one
        one(visit, during=during) for during in (EMPTY, AFTER_ITS_START, WITH_ITS_END)
    ],
    "appointment_occupied_is_a_half_open_span": [  # an empty one holds no visit
        one(visit, occupied=ENDLESS),
        one(visit, occupied=WITHOUT_A_START, during=span(START, END - timedelta(minutes=5))),
        one(visit, occupied=AFTER_ITS_START, during=span(START + timedelta(minutes=5), END)),
        one(visit, occupied=WITH_ITS_END),
    ],
    "appointment_lasts_5_minutes_to_8_hours": [
        one(visit, during=lasting, occupied=lasting)
        for minutes in SHORT_AND_LONG_TREATMENT
        for lasting in [span(START, START + timedelta(minutes=minutes))]
    ],
    "appointment_occupies_at_least_its_visit": [
        one(visit, occupied=span(START, END - timedelta(minutes=1))),
        one(visit, occupied=span(START + timedelta(minutes=1), END)),
    ],
    "appointment_has_a_patient_unless_held": [one(visit, patient=None)],
    "appointment_hold_has_an_expiry": [one(HoldFactory, hold_expires_at=None)],
    "appointment_price_is_not_negative": [one(visit, price=-1), one(visit, price=None, price_is_from=True)],
    "appointment_cancelled_has_a_time": [one(visit, status=Status.CANCELLED)],
    "appointment_age_said_is_whole": [
        one(visit, age_said=18),
        one(visit, age_said=18, age_said_at=NOW),
        one(visit, age_said_to=StaffFactory),
    ],
    "note_has_a_text_of_its_length": [one(note, text=text) for text in ("", "x" * 9000)],
    "note_does_not_correct_itself": [one(note, id=7, corrects_id=7)],
    "diary_change_ends_after_it_starts": [one(diary_change, ends_at=START)],
    "diary_change_ends_unless_it_is_of_hours": [
        one(diary_change, kind=kind, ends_at=None) for kind in ("block", "extension")
    ],
    "diary_change_of_hours_keeps_their_rows": [one(diary_change, kind="hours"), one(diary_change, hours={})],
    "change_has_each_visit_once": [two(changed_visit, change=diary_change, appointment=visit)],
    "changed_visit_has_a_new_version_unless_kept": [
        one(changed_visit, version_after=1),
        one(changed_visit, action="kept"),
    ],
    "tally_is_of_a_hold_or_an_entry": [
        one(tally),
        one(tally, hold=HoldFactory, entry=entry),
    ],
    # bookings.desk
    "calendar_feed_covers_two_years_at_most": [
        one(feed, past_days=366),
        *(one(feed, ahead_days=days) for days in (0, 366)),
    ],
    # bookings.integrations
    "api_key_has_a_scope": [one(api_key, scopes=[])],
    "webhook_endpoint_has_an_event": [one(endpoint, events=[])],
    "webhook_tells_of_an_event_once": [two(delivery, endpoint=endpoint, appointment=visit)],
    "webhook_expires_after_it_is_due": [one(delivery, due_at=NOW, expires_at=NOW)],
    "webhook_being_sent_has_a_lease": [one(delivery, state="leased")],
    # bookings.messages
    "wording_once": [two(WordingFactory)],
    "wording_only_reminders_ask": [one(WordingFactory, kind="moved", asks_to_confirm=True)],
    "wording_only_reminders_have_two": [one(WordingFactory, kind="moved", variant="B")],
    "wording_confirmation_by_email": [one(WordingFactory, kind="confirmation", channel="sms")],
    "wording_email_has_a_subject": [
        one(WordingFactory, channel="email", subject=""),
        one(WordingFactory, channel="sms", subject="Your visit"),
    ],
    "message_expires_after_it_is_due": [one(message, due_at=NOW, expires_at=NOW)],
    "message_being_sent_has_a_lease": [one(message, state="leased")],
    "message_sent_has_a_time": [one(message, state="sent")],
    "message_of_an_account_keeps_no_words": [one(message, kind="account", state="failed", body="sealed")],
    "message_rule_within_a_year": [one(rule, hours=hours) for hours in (0, 8761)],
    "message_rule_only_reminders_ask": [one(rule, kind="follow_up", asks_to_confirm=True)],
    "message_rule_marketing_by_email": [one(rule, kind="recall", channel="sms")],
    "message_rule_once": [two(rule)],
    # clinic.staff
    "one_pending_invitation_for_each_address": [two(invitation, email="desk@clinic.example")],
    "one_pending_invitation_for_each_profile": [two(invitation, practitioner=PractitionerFactory)],
    "invitation_lasts_seven_days_at_most": [
        one(invitation, expires_at=at) for at in (NOW, NOW + timedelta(days=7, seconds=1))
    ],
    "invitation_names_a_role": [one(invitation, roles=roles) for roles in ([], ["emperor"])],
    "invitation_ends_once": [
        one(invitation, accepted_at=NOW),
        one(invitation, accepted_at=NOW, user=StaffFactory, revoked_at=NOW),
    ],
    "recovery_takes_a_second_person": [recovery_of_oneself],
    "recovery_lasts_an_hour_at_most": [
        one(recovery, expires_at=at) for at in (NOW, NOW + timedelta(hours=1, seconds=1))
    ],
    "one_live_recovery_for_each_person": [two(recovery, user=StaffFactory)],
    "nobody_ends_their_own_work": [leaver_by_oneself],
    "tablet_lasts_ninety_days_at_most": [one(tablet, ends_at=at) for at in (NOW, NOW + timedelta(days=90, seconds=1))],
    "one_pin_for_each_person_and_tablet": [two(pin, user=StaffFactory, tablet=tablet)],
    "pin_takes_five_wrong_tries_at_most": [one(pin, wrong=6)],
    "pin_ends_the_same_day": [one(pin, ends_at=at) for at in (NOW, NOW + timedelta(hours=25, seconds=1))],
    "one_planned_leave_for_each_person": [two(planned_leave, user=StaffFactory)],
    "leave_is_planned_ahead": [one(planned_leave, leaves_at=NOW)],
    "nobody_plans_their_own_leave": [planned_leave_of_oneself],
    "planned_leave_ends_once": [one(planned_leave, done_at=NOW, withdrawn_at=NOW)],
    "nobody_leaves_twice": [two(leaver, user=StaffFactory)],
    # clinic.privacy
    "one_open_request_of_a_kind_for_a_patient": [two(data_request, patient=PatientFactory)],
    "one_open_request_of_a_kind_for_an_account": [two(data_request, patient=None, account=UserFactory)],
    "data_request_is_due_a_month_after_it_came": [
        one(data_request, due_on=day) for day in (TODAY, date(2027, 3, 31), date(2027, 4, 8))
    ],
    "data_request_waits_only_for_identity": [
        one(data_request, state="identity"),
        one(data_request, identity="asked"),
        one(data_request, paused_days=3, due_on=date(2027, 4, 5)),
        one(data_request, state="identity", identity="proved", identity_asked_on=TODAY, identity_proved_on=TODAY),
    ],
    "data_request_waits_from_asking_to_proof": [
        one(data_request, identity="proved", identity_asked_on=TODAY),
        one(data_request, identity="asked", identity_asked_on=TODAY, identity_proved_on=TODAY),
        one(
            data_request,
            identity="proved",
            identity_asked_on=TODAY,
            identity_proved_on=TODAY,
            paused_days=1,
            due_on=DUE_LATER,
        ),
    ],
    "data_request_asks_identity_after_it_came": [
        one(data_request, identity="proved", identity_asked_on=YESTERDAY, identity_proved_on=YESTERDAY),
    ],
    "data_request_is_extended_by_two_months_at_most": [
        one(data_request, extended_to=day, extension_told_at=NOW) for day in (DUE, date(2027, 6, 2))
    ],
    "data_request_extension_was_told_in_time": [
        one(data_request, extended_to=date(2027, 5, 1)),
        one(data_request, extension_told_at=NOW),
        one(data_request, extended_to=date(2027, 5, 1), extension_told_at=NOW + timedelta(days=32)),
    ],
    "data_request_refused_has_a_ground": [
        one(data_request, state="refused", answered_at=NOW),
        one(data_request, ground="kept"),
    ],
    "data_request_closed_says_when": [one(data_request, state="answered"), one(data_request, answered_at=NOW)],
    "one_copy_is_made_at_a_time": [two(data_copy, account=UserFactory)],
    "data_copy_ready_says_until_when": [
        one(data_copy, state="ready"),
        one(data_copy, state="ready", ready_at=NOW, expires_at=NOW),
    ],
    "an_erasure_is_logged_once": [two(erasure)],
    "erasure_that_keeps_says_until_when": [one(erasure, kept=["visits"]), one(erasure, until=TODAY)],
    # clinic.records.questions
    "questionnaire_holds_for_1_to_24_months": [one(QuestionnaireFactory, valid_months=months) for months in (0, 25)],
    "instrument_has_a_licence_note": [one(QuestionnaireFactory, instrument="Nine scales")],
    "questionnaire_numbers_are_given_once": [
        two(QuestionnaireVersionFactory, of=QuestionnaireFactory, state="retired", **APPROVED)
    ],
    "questionnaire_has_one_version_in_use": [
        two(numbered_version, of=QuestionnaireFactory, state="approved", **APPROVED)
    ],
    "questionnaire_has_one_draft": [two(numbered_version, of=QuestionnaireFactory)],
    "questionnaire_in_use_was_approved": [
        one(QuestionnaireVersionFactory, state="approved"),
        one(QuestionnaireVersionFactory, **APPROVED),
        one(QuestionnaireVersionFactory, state="retired", approved_at=NOW),
    ],
    # clinic.records.answering
    "questions_are_open_once_for_a_visit": [
        two(raw_request, visit=AppointmentFactory, questionnaire=QuestionnaireFactory)
    ],
    "questions_waived_say_by_whom_and_why": [
        one(raw_request, state="waived"),
        one(raw_request, state="waived", waived_by=nurse),
        one(raw_request, waived_why="She told me."),
    ],
    "a_question_has_one_draft_answer": [two(raw_answer, request=raw_request)],
    "questions_are_answered_once_a_request": [two(sent, request=raw_request)],
    "response_and_its_patient": [response_twice],
    # clinic.records
    "assessment_counts_for_1_to_730_days": [one(treatment_rules, assessment_valid_days=days) for days in (0, 731)],
    "treatment_rules_name_known_families": [one(treatment_rules, families=["toxin", "magic"])],
    # bookings.waiting_list
    "patient_waits_for_a_treatment_once": [two(entry, patient=PatientFactory, treatment=TreatmentFactory)],
    "waiting_last_day_is_not_before_the_first": [one(entry, first_day=TODAY, last_day=YESTERDAY)],
    "waiting_entry_names_weekdays": [one(entry, weekdays=days) for days in ([], [8])],
    "waiting_entry_names_parts_of_the_day": [one(entry, parts=parts) for parts in ([], ["night"])],
    "waiting_entry_has_one_open_offer": [two(offer, entry=entry)],
    "nobody_is_offered_a_time_twice": [two(offer, entry=entry, practitioner=PractitionerFactory, state="lapsed")],
    "offer_ends_after_it_is_made": [one(offer, created_at=NOW, expires_at=NOW)],
    # clinic.records
    "record_link_is_the_only_one_to_its_subject": [two(record_link, subject="7")],
    "record_link_ends_after_it_is_made": [one(record_link, expires_at=NOW)],
    "birthday_is_tried_five_times_a_link": [one(record_link, birthday_tries=6)],
}
# Nothing breaks these alone, and what is broken with them is told of first.
APPROVED_TEXT = {"approved_by": PractitionerFactory, "approved_at": NOW}
RECORDS: dict[str, list[Break]] = {
    # clinic.records.entries
    "record_key_is_sealed": [one(RecordKey.objects.create, patient=PatientFactory, wrapped="")],
    "entry_and_its_patient": [two(raw_entry, patient=PatientFactory, id=uuid4)],
    "entries_of_a_record_are_numbered": [two(raw_entry, patient=PatientFactory, number=1)],
    "entry_of_staff_names_its_author": [one(raw_entry, author=None)],
    "entry_of_a_patient_names_no_staff": [
        one(raw_entry, author_is="patient", author=StaffFactory),
        one(raw_entry, author_is="system", author=StaffFactory),
    ],
    "clinical_entry_names_its_practitioner": [
        *(one(raw_entry, kind=kind, practitioner=None) for kind in ("assessment", "review", "prescription")),
        one(raw_entry, kind="treatment", practitioner=PractitionerFactory, author_is="system", author=None),
    ],
    "entry_did_not_happen_later": [one(raw_entry, occurred_at=lambda: clock.now() + timedelta(minutes=6))],
    "correcting_entry_names_what_it_corrects": [
        *(one(raw_entry, kind=kind) for kind in ("addendum", "strike", "cosignature")),
        a_note_that_corrects,
    ],
    "entry_is_struck_once": [struck_twice],
    "visit_has_a_section_once": [two(raw_draft, visit=AppointmentFactory)],
    "patient_has_a_section_without_a_visit_once": [two(raw_draft, patient=PatientFactory)],
    "former_version_of_a_draft_is_kept_once": [two(raw_past, draft=raw_draft)],
    # clinic.records.assessing
    "assessment_of_whom_by_whom_and_how": [two(assessed, visit=seen)],
    "assessment_settles_a_treatment_once": [two_outcomes],
    "outcome_of_an_assessment_for_a_treatment": [two_outcomes],
    "suitable_says_until_when": [one(outcome, valid_until=None), one(outcome, outcome="refer")],
    "deferred_says_until_when": [
        one(outcome, outcome="defer", valid_until=None),
        one(outcome, defer_until=TODAY),
    ],
    # clinic.records.consent_texts
    "consent_text_numbers_are_given_once": [two(raw_version, of=a_text, state="retired", **APPROVED_TEXT)],
    "consent_text_has_one_version_in_use": [
        lambda: [
            raw_version(of=of, number=n, state="approved", **_made(APPROVED_TEXT)) for of in [a_text()] for n in (1, 2)
        ]
    ],
    "consent_text_has_one_draft": [lambda: [raw_version(of=of, number=n) for of in [a_text()] for n in (1, 2)]],
    "consent_text_in_use_was_approved": [one(raw_version, state="approved"), one(raw_version, **APPROVED_TEXT)],
    "consent_text_and_its_digest": [two(raw_version, id=7)],
    # clinic.records.consent
    "consent_and_its_patient": [consent_twice],
    "consent_lasts_a_year_at_most": [
        one(raw_grant, granted_on=TODAY, expires_on=day) for day in (YESTERDAY, TODAY + timedelta(days=367))
    ],
    "consent_covers_1_to_12_visits": [
        one(raw_grant, scope="visit", visits_allowed=2),
        *(one(raw_grant, scope="course", visits_allowed=visits) for visits in (None, 0, 13)),
        one(raw_grant, scope="until", visits_allowed=1),
    ],
    # clinic.records.reading
    "access_by_staff_names_them": [one(make_access, user=None), one(make_access, user=None, role="owner")],
    "broken_glass_lasts_half_an_hour": [
        one(make_glass, at=NOW, until=until) for until in (NOW, NOW + timedelta(minutes=30, seconds=1))
    ],
    "broken_glass_has_a_reason": [one(make_glass, reason="")],
    "wrong_opening_is_explained": [one(make_review, was_right=False)],
}
ROWS |= RECORDS
TOLD_INSTEAD = {
    "consent_and_its_patient": "records_consentgrant_pkey",
    "consent_text_and_its_digest": "records_consentversion_pkey",
    "entry_and_its_patient": "records_entry_pkey",
    "response_and_its_patient": "records_questionnaireresponse_pkey",
    "assessment_of_whom_by_whom_and_how": "records_assessment_pkey",
    "outcome_of_an_assessment_for_a_treatment": "assessment_settles_a_treatment_once",
    "entries_of_a_record_are_numbered": "entry_follows_the_newest",  # by its trigger
    # Two rows with one id and one patient have one id. It is there for the foreign key that points to both columns.
    "appointment_and_its_patient": "bookings_appointment_pkey",
}


def test_each_constraint_of_the_models_has_its_rows():
    declared = [
        constraint.name
        for app in apps.get_app_configs()
        if app.name.startswith(OURS)
        for model in app.get_models(include_auto_created=True)
        for constraint in model._meta.constraints
    ]

    assert sorted(ROWS) == sorted(declared)
    assert all(ROWS.values())


@pytest.mark.parametrize(
    ("name", "break_it"),
    [pytest.param(name, way, id=f"{name}-{n}") for name, ways in ROWS.items() for n, way in enumerate(ways, start=1)],
)
def test_what_breaks_a_constraint_is_refused_by_its_name(name, break_it):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        break_it()

    assert refused.value.__cause__.diag.constraint_name == TOLD_INSTEAD.get(name, name)
