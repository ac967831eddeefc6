"""The import contracts, tried with a fault planted in a copy: a contract that cannot break says nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
PACKAGES = ("clinic", "bookings", "content")


@pytest.fixture
def copy(tmp_path):
    for package in PACKAGES:
        shutil.copytree(PROJECT_DIR / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_DIR / "pyproject.toml", tmp_path)
    return tmp_path


def lint(directory: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=directory, check=False, capture_output=True, text=True, env={"PYTHONPATH": "."}
    )


def test_the_contracts_are_kept(copy):
    assert lint(copy).returncode == 0


@pytest.mark.parametrize(
    ("file", "fault", "broken"),
    [
        ("content/views.py", "import bookings.models", "never know each other"),
        ("bookings/engine/booking.py", "import content.models", "never know each other"),
        ("clinic/core/clock.py", "import clinic.accounts.models", "bookings and content stand on clinic"),
        ("bookings/visits/models/appointment.py", "import bookings.engine.booking", "Inside bookings"),
        ("bookings/engine/booking.py", "import bookings.online.views.booking.choose", "Inside bookings"),
        ("bookings/messages/planning/visit_messages.py", "import celery", "know no Celery"),
    ],
)
def test_a_planted_import_breaks_them(copy, file, fault, broken):
    planted = copy / file
    planted.write_text(f"{planted.read_text()}\n{fault}\n")

    outcome = lint(copy)

    assert outcome.returncode == 1
    assert any(broken in line and line.endswith("BROKEN") for line in outcome.stdout.splitlines()), outcome.stdout
