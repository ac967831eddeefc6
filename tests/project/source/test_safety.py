"""Own rules beside ruff's: who may write markup, SQL and views without the CSRF check, each by name and with its reason."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.source import safety

PROJECT_DIR = Path(__file__).resolve().parents[3]
TEMPLATES = PROJECT_DIR / "templates"
MAY_WRITE_MARKUP = {
    "bookings/desk/sheet/sheet_files.py": "our own style sheets, for a file that has to stand alone",
    "bookings/messages/wording/owner_words.py": "each word of the owner is escaped there, piece by piece",
    "bookings/templatetags/cards.py": "what a template wrote, which escaped it",
    "clinic/records/documents/prose.py": "tags of ours around words that are escaped, cleaned once more",
    "templates/components/_field_hint.html": "hints are written in our forms and by Django, never typed in",
}
MAY_BE_SENT_FROM_ANYWHERE = {
    "bookings/api/document.py": "the API: a key or a link's secret in each request, never a cookie",
    "bookings/messages/delivery/views_reports.py": "reports of providers, known by secret or signature",
    "bookings/online/views/booking/framing.py": "pages in a frame have no cookie; a signed token in the form instead",
    "bookings/online/views/not_me.py": "the secret in the address, sent by who has it, whether signed in or not",
    "bookings/online/views/preferences.py": "the same; mail programs unsubscribe by POST (RFC 8058)",
}
OWN_NAMES = "names of our tables and columns, read from the models"
PIECES = "pieces that are constants of its module; values go in by parameters"
MAY_BUILD_SQL = {
    "bookings/desk/drop.py::_has_one": "called at import, with names of tables",
    "bookings/desk/models.py::version_of": PIECES,
    "bookings/desk/numbers/utilisation.py::_minutes": "called at import, with constants",
    "bookings/engine/availability/question.py::rows_by": "by availability/sql.py, from its pieces",
    "bookings/engine/availability/reasons.py::why_not": PIECES,
    "bookings/engine/availability/sql.py::_recurs": "called at import, with aliases",
    "bookings/engine/availability/sql.py::statement": PIECES,
    "bookings/engine/availability/sql.py::taken": "called at import, with conditions of ours",
    "bookings/engine/plans/diary_copy.py::_copy": OWN_NAMES + ", and constraints as Postgres tells them",
    "bookings/engine/plans/diary_copy.py::copy_messages": OWN_NAMES,
    "bookings/messages/delivery/queue.py::claim": OWN_NAMES,
    "bookings/messages/delivery/sent_marks.py::_write": "one of three constants of its module",
    "clinic/core/database/functions.py::install": OWN_NAMES + "; what stands there afterwards, by the registry",
    "clinic/core/database/roles.py::_of_database": OWN_NAMES + ", and of the role, from DATABASE_URL",
    "clinic/core/database/roles.py::_of_tables": OWN_NAMES + ", and of the role",
    "clinic/core/database/roles.py::grant": OWN_NAMES + ", and of the role",
    "clinic/core/database/roles.py::make": "the role's name and a digest of its password, from DATABASE_URL, quoted",
    "clinic/core/sealing/columns.py::_round": OWN_NAMES,
    "clinic/core/sealing/columns.py::samples": OWN_NAMES,
    "clinic/records/entries/chain_sql.py::same_patient": "in migrations, with names of tables and columns",
}
NOT_IN_SCRIPTS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|__proto__")
KEEPS = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\.")


def test_markup_is_written_where_it_is_named_alone():
    python = {name for name, text in safety.sources(PROJECT_DIR) if safety.calls_something_safe(text)}
    html = {
        path.relative_to(PROJECT_DIR).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if safety.SAFE_IN_TEMPLATE.search(path.read_text())
    }

    assert python | html == set(MAY_WRITE_MARKUP)


def test_no_page_takes_in_a_text_that_is_not_escaped():
    taking = [path for path in TEMPLATES.rglob("*.html") if re.search(r"""\.txt["']""", path.read_text())]

    assert taking == []


def test_views_without_the_check_against_forgery_are_named():
    found = {name for name, text in safety.sources(PROJECT_DIR) if safety.is_exempt_from_csrf(text)}

    assert found == set(MAY_BE_SENT_FROM_ANYWHERE)


def test_sql_is_put_together_where_it_is_named_alone():
    found = {
        f"{name}::{function}"
        for name, text in safety.sources(PROJECT_DIR)
        for function in safety.functions_that_build_sql(text)
    }

    assert found == set(MAY_BUILD_SQL)


def test_nothing_but_the_key_ring_encrypts():
    """By AES-GCM of a library, with keys of 256 bits: no cipher is made or chosen elsewhere."""
    found = {name for name, text in safety.sources(PROJECT_DIR) if safety.encrypts(text)}

    assert found == {
        "clinic/core/sealing/files.py",
        "clinic/core/sealing/keyring.py",
        "clinic/records/entries/keys.py",
    }
    for name in found:
        imported = re.findall(r"from (cryptography\.hazmat\S+) import (.+)", (PROJECT_DIR / name).read_text())
        assert imported == [("cryptography.hazmat.primitives.ciphers.aead", "AESGCM")]


def test_whoever_silences_a_rule_of_safety_says_why():
    files = (path for top in (*safety.CODE, "tests", "benchmarks") for path in (PROJECT_DIR / top).rglob("*.py"))
    silent = {
        path.relative_to(PROJECT_DIR).as_posix(): lines
        for path in files
        if (lines := safety.silenced_without_a_reason(path.read_text()))
    }

    assert silent == {}


def scripts() -> list[Path]:
    return [*(PROJECT_DIR / "static").rglob("*.js"), *TEMPLATES.rglob("*.js")]


def test_no_script_reads_words_as_markup_or_as_code():
    assert scripts()
    assert [path.name for path in scripts() if NOT_IN_SCRIPTS.search(path.read_text())] == []


def test_no_script_but_that_of_the_offline_sheet_keeps_anything():
    assert [path.name for path in scripts() if KEEPS.search(path.read_text())] == ["worker.js"]


def test_whoever_listens_to_other_windows_asks_where_a_message_comes_from():
    """The offline sheet's worker hears pages of our own alone, and from them no words."""
    listening = {
        path.name: bool(re.search(r"event\.origin !== origin|source === window\.parent", path.read_text()))
        for path in scripts()
        if re.search(r"addEventListener\(\"message\"", path.read_text())
    }

    assert listening == {"embed-frame.js": True, "embed.js": True, "worker.js": False}


def test_ruffs_rules_of_safety_are_kept():
    assert ruff(*safety.CODE).returncode == 0


@pytest.mark.parametrize(
    "fault",
    [
        "import pickle\npickle.loads(sent)",
        "eval(sent)",
        "import subprocess\nsubprocess.run(sent, shell=True)",
        "import hashlib\nhashlib.md5(sent)",
        "import random\ntoken = random.random()",
        "import ssl\nssl._create_unverified_context()",
        "import xml.etree.ElementTree as E\nE.fromstring(sent)",
        "import yaml\nyaml.load(sent, Loader=yaml.Loader)",
    ],
)
def test_ruff_finds_a_planted_fault(tmp_path, fault):
    (tmp_path / "fault.py").write_text(fault + "\n")

    assert ruff(str(tmp_path / "fault.py")).returncode == 1


def ruff(*paths: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "S", "--config", "pyproject.toml"]
    return subprocess.run([*command, *paths], cwd=PROJECT_DIR, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    "fault",
    [
        "def find(name):\n    cursor.execute(f\"SELECT 1 FROM patients WHERE name = '{name}'\")",
        "def find(name):\n    return Patient.objects.raw('SELECT 1 FROM patients WHERE name = ' + name)",
        "def find(name):\n    sql = 'DELETE FROM patients WHERE name = %s' % name",
        "def find(name):\n    sql = 'UPDATE patients SET name = {}'.format(name)",
    ],
)
def test_planted_sql_is_found(fault):
    assert list(safety.functions_that_build_sql(fault)) == ["find"]


def test_parameters_are_no_fault():
    good = "def find(name):\n    cursor.execute('SELECT 1 FROM patients WHERE name = %s', [name])\n    cursor.execute(_ALL)"

    assert list(safety.functions_that_build_sql(good)) == []


def test_planted_markup_exemptions_and_silence_are_found():
    assert safety.calls_something_safe("from django.utils import safestring\nsafestring.mark_safe(typed)")
    assert safety.SAFE_IN_TEMPLATE.search("{{ typed | safe }}")
    assert safety.SAFE_IN_TEMPLATE.search("{% autoescape off %}")
    assert safety.is_exempt_from_csrf("from django.views.decorators.csrf import csrf_exempt")
    assert safety.is_exempt_from_csrf("view.csrf_exempt = True")
    assert safety.silenced_without_a_reason("one()  # noqa: " + "S608\ntwo()  # noqa: " + "S608 -- a constant") == [1]
