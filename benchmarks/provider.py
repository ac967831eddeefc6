"""A provider of e-mail and text messages in a process of its own, as good or as bad as asked for.

It writes down on disk what it accepted before it answers, so that its log is the truth whoever dies. SMTP repeats are
told apart by Message-ID, texts by their Idempotency-Key: only a provider that is idempotent does anything with that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stage import PROJECT, free_port

MESSAGE_ID = re.compile(rb"^message-id:\s*<([0-9a-f-]+)@", re.IGNORECASE | re.MULTILINE)
CLEAN = ("busy", "error", "slow")  # what can go wrong without a doubt about what was accepted
DOUBTFUL = ("hang", "die")  # accepted, and then no answer, or a line that breaks
SLOW, SILENT = 0.3, 30.0  # seconds
LATENCY = 0.01  # between what it accepted and what it answers: here a kill leaves doubt


class Server:
    """Speaks SMTP on one port and HTTP on the other; one in `of` requests meets one of the faults."""

    def __init__(
        self, log: Path, faults: Sequence[str], of: int, *, is_idempotent: bool, seed: int, latency: float
    ) -> None:
        self._latency = latency
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._faults, self._of, self._is_idempotent = faults, of, is_idempotent
        self._chance = random.Random(seed)
        self._known: set[str] = set()

    def _fault(self) -> str:
        return self._chance.choice(self._faults) if self._faults and self._chance.randrange(self._of) == 0 else ""

    def _accept(self, channel: str, key: str, fault: str) -> None:
        is_repeat = self._is_idempotent and key in self._known
        self._known.add(key)
        fate = "repeat" if is_repeat else "accepted"
        os.write(self._log, f"{time.time():.3f} {channel} {key} {fate} {fault or '-'}\n".encode())

    async def _take(self, channel: str, key: str) -> str:
        """What to answer: `ok`, `busy`, `error`, or nothing at all."""
        fault = self._fault()
        if fault in {"busy", "error"}:
            return fault
        if fault == "slow":
            await asyncio.sleep(SLOW)
        self._accept(channel, key, fault)
        await asyncio.sleep(SILENT if fault == "hang" else self._latency)
        return "" if fault in DOUBTFUL else "ok"

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {b"EHLO": b"250 clinic", b"HELO": b"250 clinic", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"RSET": b"250 ok", b"NOOP": b"250 ok"}  # fmt: skip
        with _closing(writer):
            writer.write(b"220 ready\r\n")
            while command := (await reader.readline())[:4].upper():
                if command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    found = MESSAGE_ID.search(await reader.readuntil(b"\r\n.\r\n"))
                    answer = await self._take("email", found[1].decode() if found else "")
                    if not answer:
                        return
                    said = {"ok": b"250 taken", "busy": b"451 too many, try later", "error": b"451 out of order"}
                    writer.write(said[answer] + b"\r\n")
                else:
                    writer.write(answers.get(command, b"221 bye") + b"\r\n")
                    if command not in answers:
                        return

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            await reader.readexactly(int(headers.get("content-length", "0")))
            answer = await self._take("sms", headers.get("idempotency-key", ""))
            said = {
                "ok": "202 Accepted",
                "busy": "429 Too Many Requests\r\nRetry-After: 1",
                "error": "503 Out of order",
            }
            if answer:
                writer.write(f"HTTP/1.1 {said[answer]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


@contextlib.contextmanager
def _closing(writer: asyncio.StreamWriter) -> Iterator[None]:
    try:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            yield
    finally:
        writer.close()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One line of the provider's log; `at` in seconds since 1970, `fault` what its sender met, or `-`."""

    at: float
    channel: str
    key: str
    fate: str
    fault: str


@dataclass(frozen=True, slots=True)
class Provider:
    """The running double, as the clinic's environment names it."""

    smtp_port: int
    http_port: int
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "SMS_URL": f"double:http://127.0.0.1:{self.http_port}/",
        }

    def acceptances(self) -> list[Acceptance]:
        """All that it ever took, repeats too, in order."""
        lines = [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [Acceptance(float(at), *words) for at, *words in lines]

    def accepted(self, channel: str) -> Counter[str]:
        """How often each message was accepted as new, by its key."""
        return Counter(one.key for one in self.acceptances() if one.channel == channel and one.fate == "accepted")

    def first_accepted_at(self, channel: str) -> dict[str, float]:
        """When each message was first accepted, in seconds since 1970, by its key."""
        return {one.key: one.at for one in reversed(self.acceptances()) if one.channel == channel}

    def size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


@contextlib.contextmanager
def running(
    directory: Path,
    faults: Sequence[str] = (),
    *,
    of: int = 10,
    is_idempotent: bool = False,
    certificate: Path | None = None,
    latency: float = LATENCY,
) -> Iterator[Provider]:
    """Start it, and stop it at the end. With `certificate`, a PEM file of key and certificate, SMTP is within TLS."""
    provider = Provider(free_port(), free_port(), directory / "provider.log")
    command = [sys.executable, "-m", "benchmarks.provider", str(provider.smtp_port), str(provider.http_port)]
    options = ["--log", str(provider.log), "--of", str(of), "--faults", ",".join(faults), "--latency", str(latency)]
    more = ["--certificate", str(certificate)] if certificate else []
    process = subprocess.Popen(
        [*command, *options, *more, *(["--idempotent"] if is_idempotent else [])], cwd=PROJECT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout
        process.stdout.readline()
        yield provider
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def _serve(options: argparse.Namespace) -> None:
    faults = [fault for fault in options.faults.split(",") if fault]
    server = Server(
        options.log, faults, options.of, is_idempotent=options.idempotent, seed=options.seed, latency=options.latency
    )
    tls = None
    if options.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certificate)
    mail = await asyncio.start_server(server.smtp, "127.0.0.1", options.smtp_port, ssl=tls, limit=2**24)
    texts = await asyncio.start_server(server.http, "127.0.0.1", options.http_port)
    print("ready", flush=True)
    async with mail, texts:
        await asyncio.gather(mail.serve_forever(), texts.serve_forever())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("smtp_port", type=int)
    parser.add_argument("http_port", type=int)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--faults", default="", help=f"Of {', '.join((*CLEAN, *DOUBTFUL))}; separated by commas.")
    parser.add_argument("--of", type=int, default=10)
    parser.add_argument("--idempotent", action="store_true")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=LATENCY, help=f"Seconds to an answer (default {LATENCY}).")
    return parser.parse_args()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_options()))
