"""Write the copy of somebody's data into a file as it is read: a page for people, JSON and FHIR for programs, and what
it is about."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string
from django.utils.html import format_html

from clinic.core import clock
from clinic.core.formats import clock_time, written_date
from clinic.core.models import ClinicSettings
from clinic.core.personal import registry
from clinic.core.personal.vocabulary import Person
from clinic.privacy.contents import Value, sections
from clinic.privacy.fhir.bundle import write_bundle

FORMAT = 1  # of record.json: see docs/privacy.md
STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h2{margin-top:2.5rem;border-top:2px solid;padding-top:1rem}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:0;padding:.75rem 0;"
    "border-top:1px solid #bbb;break-inside:avoid}"
    "dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}"
    "@media(max-width:30rem){dl{grid-template-columns:1fr}}"
)


def write(file: IO[bytes], person: Person, now: datetime) -> int:
    """Write the whole archive; gives how many items are held back. `file` need not be able to go back."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with archive.open("record.html", "w") as page:
            held = _write_page(page, person, now)
        with archive.open("record.json", "w") as data:
            digest = _write_json(_Digesting(data), person, now)
        with archive.open("fhir.json", "w") as bundle:
            write_bundle(bundle, person, now, digest)
        made = f"{written_date(clock.today(now))}, {clock_time(now)}"
        about = render_to_string(
            "privacy/copy/about.txt", {"clinic": ClinicSettings.load(), "made": made, "held": held}
        )
        archive.writestr("about.txt", about)
    return held


def _write_page(page: IO[bytes], person: Person, now: datetime) -> int:
    clinic, held = ClinicSettings.load(), 0
    title = f"Your data at {clinic.name}"
    page.write(
        format_html(
            '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width"><title>{}</title><style>{}</style></head><body><h1>{}</h1><p>Made on {}. What it is '
            "for, and how long it is kept: see about.txt.</p>\n",
            title,
            STYLE,
            title,
            written_date(clock.today(now)),
        ).encode()
    )
    for one, rows in sections(person):
        page.write(format_html("<section><h2>{}</h2>\n", one.title).encode())
        for values in rows:
            held += sum(value.is_held_back for value in values)
            page.write(f"<dl>{''.join(_line(value) for value in values if value.words)}</dl>\n".encode())
        page.write(b"</section>\n")
    page.write(b"</body></html>\n")
    return held


def _line(value: Value) -> str:
    return format_html("<dt>{}</dt><dd>{}</dd>", value.label, value.words)


class _Digesting:
    """A file that is only written to, and the SHA-256 of what was."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, sha256()

    def write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.digest.update(piece)


def _write_json(file: _Digesting, person: Person, now: datetime) -> str:
    """`{"format", "made_at", "registry", "sections": {"patients.Patient": {"title", "rows": […]}}}`, row by row. Gives its digest."""
    head = {"format": FORMAT, "made_at": now.isoformat(), "registry": registry.version()}
    file.write(f'{json.dumps(head)[:-1]}, "sections": {{'.encode())
    for number, (one, rows) in enumerate(sections(person)):
        before = ",\n" if number else "\n"
        file.write(f'{before}{json.dumps(one.label)}: {{"title": {json.dumps(one.title)}, "rows": ['.encode())
        for position, values in enumerate(rows):
            row: dict[str, Any] = {value.name: value.plain for value in values}
            file.write(f"{',' if position else ''}\n{json.dumps(row, ensure_ascii=False)}".encode())
        file.write(b"]}")
    file.write(b"}}\n")
    return file.digest.hexdigest()
