"""Have what came from outside decoded by a process that may use so much memory and time, knows no secret, and ends.

A file of some kilobytes may unfold to gigabytes, or make a decoder loop: then a process dies that serves nobody. It has
no environment, so neither keys nor the database's address. On macOS the limit of memory does not hold (the kernel
ignores RLIMIT_AS); those of pixels, processor time and time do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
MEGABYTES, SECONDS = 2048, 30  # 50 megapixels take 1.3 GB and 5 s as WebP or AVIF, of memory that is counted so
REFUSED, TOO_MUCH = 3, 4  # how it ends, beside 0


class Undecodable(ValueError):
    """Its text is fit to show beside the field."""


class TooHeavy(Undecodable):
    """It would take more memory or time than an upload may."""


def rewritten(data: bytes, kind: str) -> bytes:
    """The same picture or PDF (`kind`), decoded and written anew without what it says beside its pixels or pages.

    Raises:
        Undecodable, TooHeavy
    """
    command = [sys.executable, "-m", "content.decoding", kind, str(MEGABYTES), str(SECONDS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, cwd=HERE, env={}, check=False)  # noqa: S603 -- this program alone, by a fixed command
    except subprocess.TimeoutExpired as late:
        raise TooHeavy("This file takes too long to open. Please save it anew, smaller, and upload it again.") from late
    except OSError as full:  # the machine has no room for another process
        raise Undecodable("This file cannot be opened just now. Please try again in a minute.") from full
    if done.returncode == 0:
        return done.stdout
    if done.returncode == REFUSED:
        raise Undecodable(done.stderr.decode(errors="replace").strip())
    raise TooHeavy("This file takes too much to open. Please save it anew, smaller, and upload it again.")
