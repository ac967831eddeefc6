"""The import contracts, tried with a fault planted in a copy: a contract that cannot break says nothing."""

import graphlib
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

PROJECT_DIR = Path(__file__).resolve().parents[3]
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
        ("content/views.py", "import bookings.visits.models", "never know each other"),
        ("bookings/engine/booking.py", "import content.models", "never know each other"),
        ("clinic/core/clock.py", "import bookings.visits.slot", "never know each other"),
        ("clinic/core/clock.py", "import clinic.accounts.models", "Inside clinic"),
        ("clinic/sending/mail.py", "import clinic.running.page_cache", "Inside clinic"),
        ("clinic/somewhere.py", "", "Inside clinic"),
        ("bookings/visits/models/appointment.py", "import bookings.engine.booking", "Inside bookings"),
        ("bookings/messages/sender.py", "import bookings.waiting_list.models", "Inside bookings"),
        ("bookings/openings/gates.py", "import bookings.engine.booking", "Inside bookings"),
        ("bookings/openings/gates.py", "import clinic.records.models", "never know each other"),
        ("bookings/engine/booking.py", "import bookings.online.views.booking.choose", "Inside bookings"),
        ("bookings/somewhere.py", "", "Inside bookings"),
        ("bookings/online/drafts.py", "import bookings.online.views.my", "Inside a package"),
        ("bookings/integrations/models.py", "import bookings.integrations.webhooks", "Inside a package"),
        ("bookings/messages/kinds/reminder.py", "import bookings.messages.sender", "Inside messages"),
        ("bookings/messages/planning/visit_messages.py", "import celery", "Only tasks know Celery"),
        ("bookings/online/drafts.py", "import ninja", "Only tasks know Celery"),
    ],
)
def test_a_planted_import_breaks_them(copy, file, fault, broken):
    planted = copy / file
    known = planted.read_text() if planted.exists() else ""
    planted.write_text(f"{known}\n{fault}\n")

    outcome = lint(copy)

    assert outcome.returncode == 1
    assert any(broken in line and " BROKEN" in line for line in outcome.stdout.splitlines()), outcome.stdout


def test_no_module_leads_back_to_itself():
    imports = grimp.build_graph(*PACKAGES)
    graph = {module: imports.find_modules_directly_imported_by(module) for module in imports.modules}

    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, with the circle
