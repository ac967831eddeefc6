import csv
import io
from datetime import datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from bookings.desk.importing.lines import COLUMNS, STATUS
from clinic.core.clock import LONDON
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=LONDON)  # a Monday
LINE = {
    "starts_at": "2027-03-05 09:30",
    "treatment": "peel",
    "practitioner": "alex",
    "full_name": "Sam Lee",
    "email": "sam@example.com",
    "phone": "07700 900123",
    "date_of_birth": "1990-02-28",
    "note": "",
}


@pytest.fixture(autouse=True)
def clinic(db):
    treatment = TreatmentFactory(slug="peel")
    nurse = PractitionerFactory(slug="alex", name="Alex", offers=[treatment])
    working_week(nurse, LocationFactory())
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def run(tmp_path, capsys):
    """Import these lines; what was printed, and the lines that were refused with what was said of each."""

    def run(*lines, columns=None, text=None, **options):
        columns = columns or (*COLUMNS, *([STATUS] if any(STATUS in line for line in lines) else []))
        file = tmp_path / "visits.csv"
        written = io.StringIO()
        writer = csv.DictWriter(written, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(LINE | line for line in lines)
        file.write_bytes((text or written.getvalue()).encode() if not isinstance(text, bytes) else text)
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("import_visits", str(file), stdout=out, stderr=err, **options)
        except CommandError as error:
            return out.getvalue(), err.getvalue(), str(error)
        return out.getvalue(), err.getvalue(), ""

    return run


def person(n):
    return {"full_name": f"Kim Day {n}", "email": f"kim{n}@example.com"}
