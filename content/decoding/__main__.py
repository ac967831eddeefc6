"""`python -m content.decoding picture|pdf MEGABYTES SECONDS`: from standard input to standard output, within limits."""

from __future__ import annotations

import contextlib
import logging
import resource
import sys
import warnings
from io import BytesIO

from content import documents, metadata
from content.decoding.child import REFUSED, TOO_MUCH


def limit(megabytes: int, seconds: int) -> None:
    """Bound memory and processor time from here on, write nothing to any file, and leave no dump of the memory."""
    limits = {
        resource.RLIMIT_AS: megabytes * 2**20,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of memory
            resource.setrlimit(what, (most, most))


def main(kind: str, megabytes: str, seconds: str) -> int:
    limit(int(megabytes), int(seconds))
    logging.disable()  # what is said beside the field is one sentence of ours
    warnings.simplefilter("ignore")
    file = BytesIO(sys.stdin.buffer.read())
    try:
        made = metadata.written_anew(file) if kind == "picture" else documents.clean(file)
    except MemoryError:
        return TOO_MUCH
    except (OSError, ValueError, SyntaxError) as error:
        known = isinstance(error, metadata.NotShown | documents.Unreadable)
        sys.stderr.write(str(error) if known else metadata.UNREADABLE)
        return REFUSED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
