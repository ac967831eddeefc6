"""`make bench [ONLY=<claim>[,<claim>]] [SCALE=small|full]`: the table of claims; fails if one is missed."""

from __future__ import annotations

import importlib
import os
import sys
import time

from benchmarks import row, stage
from benchmarks.scale import SCALES

CLAIMS = {
    "availability-100k": "engine.availability:with_little_history",
    "availability-1m": "engine.availability:with_large_history",
    "availability-history": "engine.availability:growth",
    "racing-one-slot": "engine.racing:one_slot",
    "racing-attempts": "engine.racing:attempts",
    "tabs": "tabs:walks",
    "clinic-walks": "proofs:clinic_walks",
    "message-walks": "proofs:message_walks",
    "proofs": "proofs:marked",
    "crash": "crash.booking:kills",
    "peer-day": "peers.compare:day",
    "peer-next-free": "peers.compare:next_free",
    "peer-month": "peers.compare:month",
    "peer-racing": "peers.compare:racing",
    "booking-rate": "engine.booking_rate:rate",
    "message-idle": "messages:idle",
    "message-rate": "messages:rate",
    "message-minute": "messages:minute",
    "message-crash": "crash.messages:kills",
    "diary-poll": "diary:poll",
    "patient-search": "diary:search",
    "day-page": "diary_day:page",
    "leave-plan": "diary_day:leave",
    "own-page": "portal.pages:own_page",
    "anothers-visit": "portal.pages:anothers_visit",
    "claim-timing": "portal.pages:claim",
    "sign-in-timing": "portal.pages:sign_in",
    "data-copy": "portal.pages:data_copy",
    "record-page": "clinical.record:page",
    "note-saved": "clinical.record:save",
    "note-signed": "clinical.record:sign",
    "consent-pdf": "clinical.documents:consent_pdf",
    "public-page": "public_page:throughput",
}


def main() -> int:
    chosen = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(CLAIMS)
    scale_name = os.environ.get("SCALE") or "default"
    unknown = [name for name in chosen if name not in CLAIMS]
    if unknown or scale_name not in SCALES:
        print(f"ONLY takes {', '.join(CLAIMS)}; SCALE takes {', '.join(SCALES)}.", file=sys.stderr)
        return 2
    kept_in = stage.data_dir() / "bench" / "latest.json"
    rows, began = [], time.monotonic()
    with stage.build():
        print(row.head(), flush=True)
        for name in (name for name in CLAIMS if name in chosen):
            module, function = CLAIMS[name].split(":")
            measure = getattr(importlib.import_module(f"benchmarks.{module}"), function)
            rows.append(measure(SCALES[scale_name]))
            print(row.line(rows[-1]), flush=True)
            row.write(rows, kept_in)
    missed = [found.name for found in rows if not found.ok]
    print(
        f"\n{len(rows)} claims in {time.monotonic() - began:.0f} s; missed: {', '.join(missed) or 'none'}. Kept in {kept_in}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
