from __future__ import annotations

import re
from decimal import Decimal

PLAIN = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


def as_number(text: str) -> Decimal | None:
    """A plain decimal number, as text has it; None where it is none."""
    return Decimal(text) if PLAIN.fullmatch(text) else None
