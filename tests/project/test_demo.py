"""`manage.py demo`, as its user meets it: it opens, and it leaves nothing behind."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

PROJECT_DIR = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"), pytest.mark.timeout(600)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_demo(data_dir: Path, port: int, settings: str = "clinic.settings.dev") -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment |= {"DATA_DIR": str(data_dir), "PORT": str(port), "DJANGO_SETTINGS_MODULE": settings}
    with (data_dir / "demo.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=PROJECT_DIR, env=environment, stdout=log, stderr=log
        )


def wait_for_welcome(demo: subprocess.Popen, data_dir: Path) -> str:
    deadline = time.monotonic() + 240  # a browser and a state machine may be at work beside it
    while "owner@example.com" not in (output := (data_dir / "demo.log").read_text()):
        assert demo.poll() is None, output
        assert time.monotonic() < deadline, output
        time.sleep(0.1)
    return output


def wait_for_the_schedule(data_dir: Path) -> None:
    """Until workers have done each task of the schedule (`hurried_settings` notes them), or a while has passed."""
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    done, deadline = data_dir / "tasks-done", time.monotonic() + 60
    while (missing := wanted - set(done.read_text().split() if done.exists() else [])) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not missing, (data_dir / "demo.log").read_text()


def processes_of(data_dir: Path) -> dict[int, str]:
    """Whatever carries the directory in its environment or command line: children, servers, their children."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            texts = [(process / name).read_bytes() for name in ("environ", "cmdline")]
            if any(os.fsencode(data_dir) in text for text in texts):
                found[int(process.name)] = texts[1].replace(b"\0", b" ").decode(errors="replace")
    found.pop(os.getpid(), None)
    return found


@pytest.fixture
def data_dir():
    """Not in tmp_path: each pytest that starts closes that tree to the user who runs PostgreSQL for root."""
    with tempfile.TemporaryDirectory(prefix="demo data ") as name:
        yield Path(name)
        for pid in processes_of(Path(name)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def assert_no_error(data_dir):
    log = (data_dir / "demo.log").read_text()
    assert not re.search(r"Traceback|\[(error|critical) |ERROR|CRITICAL", log), log


def test_demo_opens_and_leaves_nothing_behind(data_dir):
    port = free_port()
    demo = start_demo(data_dir, port)
    wait_for_welcome(demo, data_dir)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
        assert page.status == 200
    demo.send_signal(signal.SIGTERM)

    assert demo.wait(timeout=30) == 0
    assert processes_of(data_dir) == {}
    assert_no_error(data_dir)


@pytest.mark.proof
def test_demo_survives_kill_9(data_dir):
    """F8: and while its whole schedule runs, no program of it logs an error."""
    port = free_port()
    demo = start_demo(data_dir, port)
    wait_for_welcome(demo, data_dir)
    for pid in processes_of(data_dir):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    demo.wait(timeout=10)

    demo = start_demo(data_dir, port, settings="tests.project.hurried_settings")
    wait_for_welcome(demo, data_dir)
    wait_for_the_schedule(data_dir)
    demo.send_signal(signal.SIGTERM)

    assert demo.wait(timeout=30) == 0
    assert processes_of(data_dir) == {}
    assert_no_error(data_dir)


def test_demo_says_in_one_line_that_its_port_is_taken(data_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = start_demo(data_dir, taken.getsockname()[1])

        assert demo.wait(timeout=60) == 1

    assert (data_dir / "demo.log").read_text().startswith("CommandError: Port ")
    assert processes_of(data_dir) == {}
