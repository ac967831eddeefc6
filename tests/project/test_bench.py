"""`make bench` in small: it measures, says so in a table and in a file, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import template_database

ROOT = Path(__file__).parents[2]


def run(data_dir, **environment):
    command = [sys.executable, "-m", "benchmarks"]
    values = os.environ | {"DATA_DIR": str(data_dir)} | environment
    return subprocess.run(command, check=False, cwd=ROOT, env=values, capture_output=True, text=True, timeout=120)


@pytest.mark.proof
def test_one_claim_is_measured_and_kept(tmp_path, settings, django_db_blocker):
    database = settings.DATABASES["default"]
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    url = f"postgresql://{address}/postgres"
    with django_db_blocker.unblock():
        template = template_database.ensure()

    done = run(tmp_path, DATABASE_URL=url, BENCH_TEMPLATE=template, SCALE="small", ONLY="booking-rate")

    rows = json.loads((tmp_path / "bench" / "latest.json").read_text())
    assert [set(row) for row in rows] == [{"name", "figure", "unit", "floor", "ratio", "goal", "ok"}]
    assert rows[0]["name"] == "booking-rate"
    assert 0 < rows[0]["ratio"] == rows[0]["figure"] / rows[0]["floor"]
    assert done.returncode == (0 if rows[0]["ok"] else 1), done.stderr
    assert ("MISS" in done.stdout) != rows[0]["ok"]
    with psycopg.connect(url) as server:
        assert not server.execute("SELECT FROM pg_database WHERE datname LIKE 'bench\\_%'").rowcount
    assert [path.name for path in (tmp_path / "bench").iterdir()] == ["latest.json"]


def test_an_unknown_claim_is_told_of_the_known_ones(tmp_path):
    done = run(tmp_path, ONLY="nonsense")

    assert done.returncode == 2
    assert "availability-1m" in done.stderr
    assert not (tmp_path / "bench").exists()
