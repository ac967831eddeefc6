"""The web server as the image runs it, and clients that cost little beside it: one loop over plain sockets."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.stage import HOST, PROJECT, free_port

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """What has come, if it is a whole answer."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("The server hung up.")
        self._buffer += chunk
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = bytes(self._buffer[:head_end]).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        whole = head_end + 4 + length
        if len(self._buffer) < whole:
            return None
        answer = Answer(int(head[9:12]), bytes(self._buffer[head_end + 4 : whole]), time.perf_counter() - self._sent_at)
        del self._buffer[:whole]
        return answer

    def ask(self, request: bytes) -> Answer:
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n\r\n".encode()


def post(path: str, body: Any) -> bytes:
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def all_at_once(clients: Sequence[Client], requests: Sequence[bytes]) -> list[Answer]:
    """Every client sends at the same moment; their answers in the order they came."""
    answers: list[Answer] = []
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        for client, request in zip(clients, requests, strict=True):
            client.send(request)
        while len(answers) < len(clients):
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError("The server does not answer.")
            answers += [answer for key, _ in ready if (answer := key.data.receive())]
    return answers


def requests_per_second(port: int, request: bytes, *, seconds: float, clients: int = 8) -> float:
    """As many as `clients` kept connections get, each asking again as soon as it is answered."""
    lines = [Client(port) for _ in range(clients)]
    answered, ends = 0, time.perf_counter() + seconds
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(request)
        while time.perf_counter() < ends:
            for key, _ in selector.select(PATIENCE):
                answer = key.data.receive()
                if answer:
                    assert answer.status == 200, answer
                    answered += 1
                    key.data.send(request)
    taken = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    return answered / taken


@contextlib.contextmanager
def server() -> Iterator[int]:
    """Run granian as the Dockerfile does, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    size = ["--workers", "2", "--blocking-threads", "4", "--log-level", "error"]
    with (Path(os.environ["DATA_DIR"]).parent / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *size, "clinic.wsgi:application"], cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": HOST})
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("The web server did not start.")
