"""Run by the peer's own Python: makes the diary, asks through the package's own views, prints what it took as JSON.

python measure.py '{"history_days": 730, "ahead_days": 90, "racers": 16, "repeats": 10}'
"""

import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from statistics import median
from threading import Barrier
from time import perf_counter
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
import django

django.setup()
logging.disable(logging.CRITICAL)

from appointment.models import Appointment, AppointmentRequest, Service, StaffMember, WorkingHours  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

PRACTITIONERS, VISITS_A_DAY, FULL_DAY = 5, 12, 16
HALF_HOUR = timedelta(minutes=30)
AJAX = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


def main(asked):
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
                "visits": Appointment.objects.count(),
                "day": repeated(asked["repeats"], lambda: slots(client, staff[0], service, workday)),
                "next": repeated(2, lambda: next_free(client, full)),
                "month": repeated(1, lambda: [slots(client, one, service, day) for one in staff for day in days]),
                "confirmed": race(service, staff[0], workday, asked["racers"]),
            }
        )
    )


def fill(today, asked):
    user = get_user_model()
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


def member(user, number, service):
    person = user.objects.create(username=f"staff{number}", email=f"staff{number}@example.com", first_name="Nurse")
    one = StaffMember.objects.create(user=person, slot_duration=30, lead_time=time(9), finish_time=time(17))
    one.services_offered.add(service)
    for day in range(1, 6):
        WorkingHours.objects.create(staff_member=one, day_of_week=day, start_time=time(9), end_time=time(17))
    return one


def request_for(one, day, number, service):
    starts = datetime.combine(day, time(9)) + number * HALF_HOUR
    return AppointmentRequest(
        date=day, start_time=starts.time(), end_time=(starts + HALF_HOUR).time(), service=service, staff_member=one,
        id_request=f"r{one.pk}-{day}-{number}",
    )  # fmt: skip


def every_weekday(first, last):
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if day.isoweekday() <= 5]


def next_weekday(day):
    return next(one for one in (day + timedelta(days=n) for n in range(3)) if one.isoweekday() <= 5)


def slots(client, one, service, day):
    asked = {"selected_date": day.isoformat(), "staff_member": one.pk, "service_id": service.pk}
    return client.get(f"{reverse('appointment:available_slots_ajax')}?{urlencode(asked)}", **AJAX).json()


def next_free(client, full):
    service, one = full
    address = reverse("appointment:request_next_available_slot", args=[service.pk])
    return client.get(f"{address}?staff_member={one.pk}", **AJAX).json()


class Timed:
    """Counts statements and the time they take."""

    def __init__(self):
        self.statements, self.seconds = 0, 0.0

    def __call__(self, execute, *statement):
        began = perf_counter()
        try:
            return execute(*statement)
        finally:
            self.statements += 1
            self.seconds += perf_counter() - began


def repeated(times, work):
    """Statements, milliseconds in the database and on the clock: the medians, after one run to warm up."""
    work()
    taken = []
    for _ in range(times):
        timed, began = Timed(), perf_counter()
        with connection.execute_wrapper(timed):
            work()
        taken.append((timed.statements, timed.seconds * 1000, (perf_counter() - began) * 1000))
    queries, database_ms, ms = (median(column) for column in zip(*taken, strict=True))
    return {"queries": queries, "database_ms": database_ms, "ms": ms}


def race(service, one, day, racers):
    """Everyone has chosen the time and been let through to the last form; then all send it at once."""
    starts, ends = time(16), time(16, 30)
    ready = [step_through(number, service, one, day, (starts, ends)) for number in range(racers)]
    barrier = Barrier(racers)

    def confirm(prepared):
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
    return Appointment.objects.filter(**{f"appointment_request__{name}": value for name, value in at.items()}).count()


def step_through(number, service, one, day, span):
    person = get_user_model().objects.create(username=f"racer{number}", email=f"racer{number}@example.com")
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
