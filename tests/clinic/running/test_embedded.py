"""The embedded servers, with real processes: no test here trusts a mock."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from clinic.running import embedded

PROJECT_DIR = Path(__file__).resolve().parents[3]
NOBODY = 65534
USE_BOTH = """
import encodings.idna, os, sys  # the standard library may be out of reach of the other user
from pathlib import Path
from clinic.running import embedded
if len(sys.argv) > 2:
    os.setgroups([]), os.setgid(int(sys.argv[2])), os.setuid(int(sys.argv[2]))
print(embedded.database_url(Path(sys.argv[1])), embedded.redis_url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses both servers until told to leave."""

    def __init__(self, data_dir: Path, *user: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_BOTH, str(data_dir), *user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_DIR,
            env=os.environ | {"PYTHONPATH": str(PROJECT_DIR)},
        )

    def addresses(self) -> list[str]:
        return self.process.stdout.readline().split()

    def leave(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


def pids_of(data_dir: Path) -> set[int]:
    """Server processes of this directory: by command line, and PostgreSQL's children by working directory."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text(errors="replace")
            directory = (process / "cwd").readlink() if command.startswith("postgres:") else None
        except OSError:
            continue
        is_server = command.startswith("postgres:") or "/bin/postgres" in command or "/valkey-server" in command
        if is_server and (str(data_dir) in command or directory == data_dir / "postgres"):
            found.add(int(process.name))
    return found


def kill_9(user: User, data_dir: Path) -> None:
    """The user first, then its servers."""
    user.process.kill()
    user.process.communicate()
    for pid in pids_of(data_dir):
        with contextlib.suppress(ProcessLookupError):  # PostgreSQL's children follow their parent by themselves
            os.kill(pid, signal.SIGKILL)


def assert_both_work(addresses: list[str]) -> None:
    database, broker = addresses
    with psycopg.connect(database) as connection:
        answer = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('TimeZone'),"
            " current_setting('server_encoding'), current_setting('fsync')"
        ).fetchone()
    client = redis.Redis.from_url(broker)

    assert answer == (18, "UTC", "UTF8", "on")
    assert client.ping()
    client.close()


@pytest.fixture
def data_dir():
    """A path with a space, longer than a socket's name may be.

    Not in tmp_path: each pytest that starts closes that tree to the user who runs PostgreSQL for root.
    """
    with tempfile.TemporaryDirectory(prefix="a clinic ") as parent:
        directory = Path(parent) / ("long" * 30)
        directory.mkdir()
        yield directory
        embedded.stop(directory)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.proof
def test_the_last_user_to_leave_stops_both_servers(data_dir):
    first, second = User(data_dir), User(data_dir)  # at once: both start what neither finds
    addresses = first.addresses()
    assert second.addresses() == addresses
    assert_both_work(addresses)

    first.leave()
    assert_both_work(addresses)
    second.leave()

    assert pids_of(data_dir) == set()


def test_servers_come_back_with_their_data_after_kill_9_of_everything(data_dir):
    user = User(data_dir)
    addresses = user.addresses()
    with psycopg.connect(addresses[0]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    kill_9(user, data_dir)

    user = User(data_dir)

    assert user.addresses() == addresses
    with psycopg.connect(addresses[0]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    user.leave()
    assert pids_of(data_dir) == set()


@pytest.mark.proof
def test_servers_left_by_a_killed_user_are_taken_over(data_dir):
    killed = User(data_dir)
    addresses = killed.addresses()
    killed.process.kill()
    killed.process.communicate()
    orphans = pids_of(data_dir)
    assert orphans

    heir = User(data_dir)

    assert heir.addresses() == addresses
    assert orphans & pids_of(data_dir)
    heir.leave()
    assert pids_of(data_dir) == set()


@pytest.mark.proof
def test_a_recycled_process_id_is_not_taken_for_the_server(data_dir):
    user = User(data_dir)
    user.addresses()
    kill_9(user, data_dir)
    pid_file = data_dir / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    with subprocess.Popen(["sleep", "10"]) as stranger:
        pid_file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        (data_dir / "valkey" / "valkey.pid").write_text(f"{stranger.pid}\n")

        user = User(data_dir)
        assert_both_work(user.addresses())
        user.leave()

        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.proof
def test_another_port_is_taken_when_the_old_one_is_in_use(data_dir):
    user = User(data_dir)
    before = user.addresses()
    user.leave()
    port = psycopg.conninfo.conninfo_to_dict(before[0])["port"]
    with socket.create_server(("127.0.0.1", int(port))):
        user = User(data_dir)
        after = user.addresses()
        assert_both_work(after)
        user.leave()

    assert after[0] != before[0]


def test_a_wrong_password_is_refused_and_the_right_one_is_private(data_dir):
    user = User(data_dir)
    database, broker = user.addresses()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database, password=secrets.token_hex())
    with (
        pytest.raises(redis.AuthenticationError),
        redis.Redis.from_url(broker.replace("redis://:", "redis://:not-")) as client,
    ):
        client.ping()
    assert {(data_dir / name).stat().st_mode & 0o777 for name in ("postgres.json", "valkey.json")} == {0o600}
    user.leave()


@pytest.mark.proof
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_starts_them_too(data_dir):
    os.chown(data_dir, NOBODY, NOBODY)
    for parent in data_dir.parents:
        parent.chmod(parent.stat().st_mode | 0o001)

    user = User(data_dir, str(NOBODY))

    assert_both_work(user.addresses())
    user.leave()
    assert pids_of(data_dir) == set()


@pytest.mark.proof
def test_a_fork_does_not_stop_the_servers_of_its_parent(data_dir):
    url = embedded.database_url(data_dir)
    child = os.fork()
    if child == 0:
        embedded._leave(data_dir, os.getppid())
        os._exit(0)
    os.waitpid(child, 0)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    embedded._leases.pop(data_dir).close()
