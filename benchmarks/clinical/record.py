"""What reading a patient's record costs, and writing in it, through all of Django."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.test import override_settings

from benchmarks import replay
from benchmarks.clinical import visits
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from clinic.records.entries.keys import key_of
from clinic.records.entries.models import Draft, Entry

VISITS, EACH, TRIES = 200, 5, 40
MOST_STATEMENTS, MOST_KILOBYTES, MOST_TO_SAVE = 12, 40, 4
FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # none is collected here


def page(scale: Scale) -> Row:
    """The record of a patient with many visits, and as many statements for it as for one with two."""
    del scale  # the goal names the number of visits
    small, large = (_read(number) for number in (2, VISITS))
    weighs = len(gzip.compress(large["content"], 6)) / 1000
    return Row(
        name="record-page",
        figure=quantiles(large["times"], n=20)[-1],
        unit="ms, p95",
        floor=median(large["bare"]),
        goal=Goal(of="figure", sign="≤", limit=60),
        also={
            f"≤ {MOST_STATEMENTS} statements": large["statements"] <= MOST_STATEMENTS,
            "as many as with two visits": large["statements"] == small["statements"],
            f"≤ {MOST_KILOBYTES} kB": weighs <= MOST_KILOBYTES,
        },
        note=f"{VISITS} visits, {VISITS * EACH:,} entries: {large['statements']} statements, {weighs:.0f} kB gzip, median "
        f"{median(large['times']):.0f} ms; with two visits {median(small['times']):.0f} ms; floor: its statements by bare psycopg",
    )


def save(scale: Scale) -> Row:
    """A note that saves itself while it is typed."""
    del scale
    (visit, *_), client = visits.of_nurse(1)
    address = f"/diary/visits/{visit.reference}/record/note/"
    versions = iter(range(TRIES + 9))

    def write() -> Any:
        version = next(versions)
        return client.post(
            address, {"text": f"{version} {visits.TEXT}", "version": version}, headers={"HX-Request": "true"}
        )

    return _written("note-saved", write, limit=25, most=MOST_TO_SAVE, kept=Draft)


def sign(scale: Scale) -> Row:
    """A note signed into the record: numbered, chained and sealed."""
    del scale
    of_patient, client = visits.of_nurse(TRIES + 9)
    coming = iter(of_patient)

    def write() -> Any:
        address = f"/diary/visits/{next(coming).reference}/record/note/"
        return client.post(address, {"text": visits.TEXT, "version": 0, "sign": "1"})

    return _written("note-signed", write, limit=100, most=0, kept=Entry)


def _read(number: int) -> dict[str, Any]:
    of_patient, client = visits.of_nurse(number)
    visits.sign_notes(of_patient, EACH)
    patient: Any = of_patient[0].patient
    address = f"/diary/records/{key_of(patient).reference}/"
    with _pages():
        client.get(address)
        with replay.recorded() as job:
            answer = client.get(address)
        with bare_connection() as server:
            pairs = [(_time(lambda: client.get(address)), _time(lambda: replay.run(server, job))) for _ in range(TRIES)]
    _require(answer.content.count(visits.TEXT.strip().encode()) > 0)
    times, bare = zip(*pairs, strict=True)
    return {"statements": len(job), "content": answer.content, "times": times, "bare": bare}


def _written(name: str, write: Callable[[], Any], *, limit: float, most: int, kept: type[Draft | Entry]) -> Row:
    with _pages():
        write()
        before = kept.objects.count()
        with replay.recorded() as job:
            answer = write()
        _require(answer.status_code in {200, 302})
        times = [_time(write) for _ in range(TRIES)]
    _require(kept is Draft or kept.objects.count() == before + TRIES + 1)
    own = [sql for _, sql, _ in job if "records_draft" in sql]
    return Row(
        name=name,
        figure=quantiles(times, n=20)[-1],
        unit="ms, p95",
        floor=0,
        goal=Goal(of="figure", sign="≤", limit=limit),
        also={f"≤ {most} statements of the draft": len(own) <= most} if most else {},
        note=f"{len(job)} statements in all, {len(own)} of the draft, median {median(times):.0f} ms",
    )


@contextmanager
def _pages() -> Iterator[None]:
    with override_settings(STORAGES=settings.STORAGES | FILES):
        yield


def _require(holds: bool) -> None:  # noqa: FBT001 -- one condition
    if not holds:
        raise RuntimeError("The page does not say what is to be measured.")


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
