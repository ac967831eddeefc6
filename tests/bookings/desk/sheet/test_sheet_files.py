from __future__ import annotations

import re
import stat
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from bookings.desk.sheet import sheet_files
from bookings.visits.models import BookingSettings
from clinic.core.clock import LONDON
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
SEVEN = at(7)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.SHEETS_DIR = tmp_path / "sheets"
    return settings.SHEETS_DIR


@pytest.fixture
def _switched_on(db):
    BookingSettings(pk=1, writes_day_sheets=True).save()


def test_nothing_is_written_unless_the_owner_wants_it(visit, folder):
    assert sheet_files.write_due(SEVEN) is None
    assert not folder.exists()
    with pytest.raises(CommandError, match="has not switched this on"):
        call_command("print_sheets")


@pytest.mark.usefixtures("_switched_on")
def test_from_seven_on_the_day_is_written_once(visit, folder):
    assert sheet_files.write_due(SEVEN - timedelta(minutes=1)) is None

    path = sheet_files.write_due(SEVEN)

    assert path == folder / "2027-03-02.html"
    assert sheet_files.write_due(SEVEN + timedelta(hours=1)) is None
    assert list(folder.iterdir()) == [path]


@pytest.mark.usefixtures("_switched_on")
@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 31)])
def test_seven_is_seven_on_the_wall_on_the_days_on_which_the_clocks_change(month, day):
    seven = datetime(2027, month, day, 7, tzinfo=LONDON)

    assert sheet_files.write_due(seven - timedelta(seconds=1)) is None
    assert sheet_files.write_due(seven) is not None


@pytest.mark.usefixtures("_switched_on")
def test_the_file_stands_alone_and_says_who_comes(visit):
    text = sheet_files.write_due(SEVEN).read_text()

    for told in (
        "Joan Whitfield", "07700 900123", "Blue room", "Peel", "Afraid of needles", "Tuesday 2 March 2027",
        "made 2 March 2027, 7:00",
    ):  # fmt: skip
        assert told in text
    assert not re.search(r"url\(|src=|href=|<link|<script|https?:", text)
    assert ".sheet__table{" in text
    assert "@page sheet" in text


@pytest.mark.usefixtures("_switched_on")
def test_only_the_account_that_runs_this_reads_it(visit, folder):
    path = sheet_files.write_due(SEVEN)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("_switched_on")
def test_fourteen_days_are_kept_even_after_it_is_switched_off(folder):
    for days in range(16):
        sheet_files.write(date(2027, 2, 15) + timedelta(days=days), SEVEN)
    (folder / "note.txt").write_text("Not ours")
    BookingSettings(pk=1, writes_day_sheets=False).save()

    sheet_files.write_due(SEVEN)

    kept = sorted(path.stem for path in folder.iterdir())
    assert kept == [*(f"2027-02-{day}" for day in range(17, 29)), "2027-03-01", "2027-03-02", "note"]


@pytest.mark.usefixtures("_switched_on")
def test_the_command_writes_a_day_anew(visit, nurse):
    out = StringIO()
    path = sheet_files.write_due(SEVEN)
    AppointmentFactory(practitioner=nurse, starts_at=at(12), patient__full_name="Rowan Late")

    with time_machine.travel(at(9), tick=False):
        call_command("print_sheets", day=None, stdout=out)

    assert out.getvalue().strip() == str(path)
    assert "Rowan Late" in path.read_text()
    call_command("print_sheets", "--day", "2027-03-03", stdout=out)
    assert path.with_name("2027-03-03.html").exists()
    with pytest.raises(CommandError, match="write the day like"):
        call_command("print_sheets", "--day", "tomorrow")
