"""Run by the peer's own Python: makes the diary, asks through the package's own views, prints what it took as JSON.

python measure.py '{"history_days": 730, "ahead_days": 90, "racers": 16, "repeats": 10}'
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from statistics import median
from threading import Barrier
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
import django

django.setup()
logging.disable(logging.CRITICAL)

from appointment.models import (  # type: ignore[import-not-found]  # noqa: E402 -- only in the peer's virtualenv
    Appointment,
    AppointmentRequest,
    Config,
    Service,
    StaffMember,
    WorkingHours,
)
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

PRACTITIONERS, VISITS_A_DAY, FULL_DAY = 5, 12, 16
HALF_HOUR = timedelta(minutes=30)
AJAX = {"X-Requested-With": "XMLHttpRequest"}


def main(asked: dict[str, int]) -> None:
    call_command("makemigrations", "appointment", verbosity=0, interactive=False)  # it ships none
    call_command("migrate", verbosity=0, interactive=False)
    today = timezone.localdate()
    service, staff, full = fill(today, asked)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    workday = next_weekday(today + timedelta(days=30))
    client = Client()
    days = [today + timedelta(days=offset) for offset in range(1, 31)]
    print(
        json.dumps(
            {
                "django": django.__version__,
                "visits": Appointment.objects.count(),
                "day": repeated(asked["repeats"], lambda: slots(client, staff[0], service, workday)),
                "next": repeated(2, lambda: next_free(client, full)),
                "month": repeated(
                    1, lambda: [at for one in staff for day in days for at in slots(client, one, service, day)]
                ),
                "confirmed": race(service, staff[0], workday, asked["racers"]),
            }
        )
    )


def fill(today: date, asked: dict[str, int]) -> tuple[Any, list[Any], tuple[Any, Any]]:
    Config.objects.create(slot_duration=30, lead_time=time(9), finish_time=time(17))  # with one its readers are cached
    user: Any = get_user_model()
    service = Service.objects.create(name="Visit", duration=HALF_HOUR, price=60)
    long_wait = Service.objects.create(name="Wanted", duration=HALF_HOUR, price=60)
    clients = [user.objects.create(username=f"client{n}", email=f"client{n}@example.com") for n in range(50)]
    staff = [member(user, n, service) for n in range(PRACTITIONERS)]
    full = member(user, PRACTITIONERS, long_wait)
    first = today - timedelta(days=asked["history_days"])
    wanted = [
        (one, day, number)
        for day in every_weekday(first, today + timedelta(days=asked["ahead_days"]))
        for one in staff
        for number in range(VISITS_A_DAY)
    ]
    wanted += [
        (full, day, number) for day in every_weekday(today, today + timedelta(days=60)) for number in range(FULL_DAY)
    ]
    requests = AppointmentRequest.objects.bulk_create(
        [request_for(one, day, number, service) for one, day, number in wanted], batch_size=2_000
    )
    Appointment.objects.bulk_create(
        [
            Appointment(
                client=clients[number % len(clients)], appointment_request=row, phone="+447700900123", address="-",
                id_request=f"a{number}",
            )
            for number, row in enumerate(requests)
        ],
        batch_size=2_000,
    )  # fmt: skip
    return service, staff, (long_wait, full)


def member(user: Any, number: int, service: Any) -> Any:
    person = user.objects.create(username=f"staff{number}", email=f"staff{number}@example.com", first_name="Nurse")
    one = StaffMember.objects.create(user=person, slot_duration=30, lead_time=time(9), finish_time=time(17))
    one.services_offered.add(service)
    for day in range(1, 6):
        WorkingHours.objects.create(staff_member=one, day_of_week=day, start_time=time(9), end_time=time(17))
    return one


def request_for(one: Any, day: date, number: int, service: Any) -> Any:
    starts = datetime.combine(day, time(9)) + number * HALF_HOUR
    return AppointmentRequest(
        date=day, start_time=starts.time(), end_time=(starts + HALF_HOUR).time(), service=service, staff_member=one,
        id_request=f"r{one.pk}-{day}-{number}",
    )  # fmt: skip


def every_weekday(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if day.isoweekday() <= 5]


def next_weekday(day: date) -> date:
    return next(one for one in (day + timedelta(days=n) for n in range(3)) if one.isoweekday() <= 5)


def slots(client: Client, one: Any, service: Any, day: date) -> list[str]:
    """As the booking page asks when a day is tapped."""
    asked = {"selected_date": day.isoformat(), "staff_member": one.pk, "service_id": service.pk}
    answer = client.get(f"{reverse('appointment:available_slots_ajax')}?{urlencode(asked)}", headers=AJAX)
    assert answer.status_code in {200, 400}, answer.content  # 400: nobody works that day
    return [at for at, _ in answer.json()["available_slots"]]


def next_free(client: Client, full: tuple[Any, Any]) -> str:
    """As the booking page's button asks; it answers with a day."""
    service, one = full
    address = reverse("appointment:request_next_available_slot", args=[service.pk])
    return str(client.get(f"{address}?staff_member={one.pk}", headers=AJAX).json()["next_available_date"])


class Timed:
    """Counts statements and the time they take."""

    def __init__(self) -> None:
        self.statements, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        began = perf_counter()
        try:
            return execute(*statement)
        finally:
            self.statements += 1
            self.seconds += perf_counter() - began


def repeated(times: int, work: Callable[[], Any]) -> dict[str, Any]:
    """Statements, milliseconds in the database and on the clock: the medians, after one run to warm up."""
    answer = work()
    taken = []
    for _ in range(times):
        timed, began = Timed(), perf_counter()
        with connection.execute_wrapper(timed):
            work()
        taken.append((timed.statements, timed.seconds * 1000, (perf_counter() - began) * 1000))
    queries, database_ms, ms = (median(column) for column in zip(*taken, strict=True))
    return {"queries": queries, "database_ms": database_ms, "ms": ms, "answer": answer}


def race(service: Any, one: Any, day: date, racers: int) -> int:
    """Everyone has chosen the time and been let through to the last form; then all send it at once."""
    starts, ends = time(16), time(16, 30)
    ready = [step_through(number, service, one, day, (starts, ends)) for number in range(racers)]
    barrier = Barrier(racers)

    def confirm(prepared: tuple[Client, str, Any]) -> int:
        client, address, person = prepared
        answer = {
            "name": person.username, "email": person.email, "phone_0": "GB", "phone_1": "07400123456", "address": "-",
            "additional_info": "-", "payment_type": "full",
        }  # fmt: skip
        barrier.wait()
        try:
            return client.post(address, answer).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(racers) as pool:
        list(pool.map(confirm, ready))
    at = {"date": day, "start_time": starts, "staff_member": one}
    booked = Appointment.objects.filter(**{f"appointment_request__{name}": value for name, value in at.items()})
    return int(booked.count())


def step_through(number: int, service: Any, one: Any, day: date, span: tuple[time, time]) -> tuple[Client, str, Any]:
    """Choose the time; gives the browser, the address of the last form and who they are."""
    user: Any = get_user_model()
    person = user.objects.create(username=f"racer{number}", email=f"racer{number}@example.com")
    client = Client()
    client.force_login(person)
    asked = {
        "date": day.isoformat(), "start_time": str(span[0]), "end_time": str(span[1]), "service": service.pk,
        "staff_member": one.pk,
    }  # fmt: skip
    answer = client.post(reverse("appointment:appointment_request_submit"), asked)
    return client, answer.headers["Location"], person


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
