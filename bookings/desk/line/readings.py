"""What a line may mean: for whom, which treatment, and the times that can be had; the best three."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product

from bookings.desk.line.words import Line
from bookings.desk.patients.newcomer import Newcomer, newcomer_in
from bookings.desk.patients.search import found
from bookings.desk.times import moment, times_on
from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.question import NEVER
from bookings.visits.access import Reader, diaries_of, sees_all
from bookings.visits.policy import policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient, fold
from clinic.practitioners.models import Practitioner

MOST, TIMES = 3, 3
MOST_CANDIDATES = 30  # of those who answer to the words, from whom the nearest by name are taken
FEWEST_LETTERS = 3  # of a word that may name a treatment or a practitioner
AHEAD = timedelta(days=21)  # how far a time without a day is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`slots` are what can be booked, the time asked for first.

    `is_exact` if that one is free, `is_past` if it was before now, `is_full` if nothing is free on its day: then they
    are of the days after it.
    """

    patient: Patient | None  # None: someone new
    treatment: Treatment
    slots: list[Slot]
    is_exact: bool
    is_past: bool = False
    is_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How the words were understood."""

    who: str
    patients: list[Patient] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    practitioner: Practitioner | None = None
    is_not_theirs: bool = False  # the practitioner's diary is not one that the reader books into
    newcomer: Newcomer | None = None
    readings: list[Reading] = field(default_factory=list)


def meaning_of(line: Line, now: datetime, reader: Reader) -> Meaning:
    """Words that begin a word of a treatment's or a practitioner's name are taken for that, unless nobody is left.

    Then those that may name a practitioner are a patient's, and at last all of them are. A name and a telephone number
    that nobody has are someone new.
    """
    treatments, practitioners, rest, without_treatment = _sorted_out(line.words)
    who = " ".join(rest)
    patients = _nearest(who, reader)
    if not patients and (by_name := _someone(without_treatment, who, reader)):
        practitioners, who, patients = [], " ".join(without_treatment), by_name
    elif not patients and (by_name := _someone(line.words, who, reader)):
        treatments, practitioners, who, patients = [], [], " ".join(line.words), by_name
    newcomer = newcomer_in(rest) if not patients else None
    if not patients and not newcomer and (newcomer := newcomer_in(without_treatment)):
        practitioners, who = [], " ".join(without_treatment)
    practitioner = practitioners[0] if len(practitioners) == 1 else None
    with_whom, is_not_theirs = _with_whom(practitioner, reader)
    people: list[Patient | None] = [None] if newcomer else [*patients]
    pairs = [] if line.impossible or is_not_theirs else list(product(people, treatments))[:MOST]
    readings = [_reading(patient, treatment, with_whom, line, now) for patient, treatment in pairs]
    return Meaning(
        who=who,
        patients=patients,
        treatments=treatments[:MOST],
        practitioner=practitioner,
        is_not_theirs=is_not_theirs,
        newcomer=newcomer,
        readings=sorted(readings, key=lambda one: _order(one, who)),
    )


def _with_whom(named: Practitioner | None, reader: Reader) -> tuple[Practitioner | None, bool]:
    """Whose times are looked for, their own for who may book into no other diary; and whether they may not be booked."""
    if sees_all(reader):
        return named, False
    own = diaries_of(reader).first()
    return named or own, own is None or (named is not None and named != own)


def _someone(words: list[str], tried: str, reader: Reader) -> list[Patient]:
    text = " ".join(words)
    return _nearest(text, reader) if text != tried else []


def _nearest(text: str, reader: Reader) -> list[Patient]:
    """Who answers to `text`: first those whose name has each of its words whole, then by name."""
    candidates = found(text, reader)[:MOST_CANDIDATES] if text else ()
    return sorted(candidates, key=lambda patient: not _is_exact(patient, text))[:MOST]


def _is_exact(patient: Patient, text: str) -> bool:
    return {word.casefold() for word in text.split()} <= _parts(patient.full_name)


def _order(reading: Reading, who: str) -> tuple[bool, bool, datetime]:
    """The very name first, then the time that was asked for, then the earliest."""
    first = min((slot.starts_at for slot in reading.slots), default=NEVER)
    is_nearby = reading.patient is not None and not _is_exact(reading.patient, who)
    return is_nearby, not reading.is_exact, first


def _sorted_out(words: list[str]) -> tuple[list[Treatment], list[Practitioner], list[str], list[str]]:
    """The treatments and practitioners meant, the words that mean neither, and those that mean no treatment."""
    treatments = {row.pk: row for row in Treatment.objects.filter(live=True).order_by("name")}
    people = {row.pk: row for row in Practitioner.objects.filter(live=True, is_bookable=True).order_by("name")}
    names_p = {pk: _parts(row.name) - {"nurse", "dr"} for pk, row in people.items()}
    kept_t, taken = _treatments_meant(list(words), {pk: _parts(row.name) for pk, row in treatments.items()})
    kept_p: set[int] | None = None
    rest, without_treatment = [], []
    for number, word in enumerate(words):
        if number in taken:
            continue
        without_treatment.append(word)
        if meant_p := _begun_by(word, names_p):
            kept_p = meant_p if kept_p is None else kept_p & meant_p
        else:
            rest.append(word)
    meant = [treatments[pk] for pk in treatments if pk in kept_t]
    return meant, [people[pk] for pk in kept_p or ()], rest, without_treatment


def _treatments_meant(words: list[str], names: dict[int, set[str]]) -> tuple[set[int], set[int]]:
    """Those that all of the words taken for treatments begin, and which words these are: whole ones before begun ones."""
    whole = set[str]().union(*names.values())
    kept, taken = set(names), set[int]()
    for number, word in sorted(enumerate(words), key=lambda one: fold(one[1]) not in whole):
        if meant := _begun_by(word, names) & kept:
            kept = meant
            taken.add(number)
    return kept if taken else set(), taken


def _begun_by(word: str, names: dict[int, set[str]]) -> set[int]:
    """Whose name has a word that begins so."""
    start = fold(word) if len(word) >= FEWEST_LETTERS else ""
    return {pk for pk, parts in names.items() if start and any(part.startswith(start) for part in parts)}


def _parts(name: str) -> set[str]:
    return {part.strip("(),.").casefold() for part in name.split()}


def _reading(
    patient: Patient | None, treatment: Treatment, practitioner: Practitioner | None, line: Line, now: datetime
) -> Reading:
    slots = _slots(treatment, practitioner, line, now)
    if is_full := bool(line.day and not slots):
        slots = _first_day(_ahead(treatment, practitioner, line.day or clock.today(now), now))
    wanted = [slot for slot in slots if line.at is None or clock.local(slot.starts_at).time() == line.at]
    is_exact = bool(wanted) and not is_full
    if is_exact or line.at is None:
        return Reading(patient=patient, treatment=treatment, slots=wanted[:TIMES], is_exact=is_exact, is_full=is_full)
    minute = line.at.hour * 60 + line.at.minute
    asked = moment(line.day, line.at) if line.day else None

    def away(slot: Slot) -> tuple[int, datetime]:
        local = clock.local(slot.starts_at)
        return abs(local.hour * 60 + local.minute - minute), slot.starts_at

    return Reading(
        patient=patient,
        treatment=treatment,
        slots=sorted(slots, key=away)[:TIMES],
        is_exact=False,
        is_past=asked is not None and asked <= now,
        is_full=is_full,
    )


def _first_day(slots: list[Slot]) -> list[Slot]:
    """Those of the day of the first, so that nearer hours of a later day do not go before it."""
    return [slot for slot in slots if clock.today(slot.starts_at) == clock.today(slots[0].starts_at)]


def _slots(treatment: Treatment, practitioner: Practitioner | None, line: Line, now: datetime) -> list[Slot]:
    if line.day:
        return times_on(treatment=treatment, day=line.day, now=now, practitioner=practitioner)
    return _ahead(treatment, practitioner, clock.today(now), now)


def _ahead(treatment: Treatment, practitioner: Practitioner | None, day: date, now: datetime) -> list[Slot]:
    """The free times of the three weeks from this day on."""
    return free_slots(
        treatment=treatment,
        first_day=day,
        last_day=day + AHEAD,
        now=now,
        practitioner=practitioner,
        policy=policy_for(treatment).at_the_desk().however_far(),
    )
