"""A public page against a static file of the same size from the same server."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import Client as DjangoClient

from benchmarks import records
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import HOST
from benchmarks.web import get, requests_per_second, server

PATH = "/treatments/"


def throughput(scale: Scale) -> Row:
    records.fill(scale.little_history)
    if scale.has_demo:
        call_command("seed", stdout=StringIO())
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["wagtail*", "admin", "ninja"])
    page = DjangoClient(headers={"host": HOST}).get(PATH, secure=True)
    assert page.status_code == 200, page
    (Path(settings.STATIC_ROOT) / "bench.html").write_bytes(b"x" * len(page.content))
    with server() as port:
        for path in (PATH, "/static/bench.html"):
            requests_per_second(port, get(path), seconds=scale.page_seconds / 5)
        file = requests_per_second(port, get("/static/bench.html"), seconds=scale.page_seconds)
        pages = requests_per_second(port, get(PATH), seconds=scale.page_seconds)
    return Row(
        name="public-page",
        figure=pages,
        unit="requests/s",
        floor=file,
        goal=Goal(of="ratio", sign="≥", limit=0.5),
        also={},
        note=f"{PATH}, {len(page.content) / 1000:.1f} kB, 8 kept connections; floor: a static file of that size, same server",
    )
