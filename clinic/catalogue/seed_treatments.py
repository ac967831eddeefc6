"""The demo's treatments: facts, and round prices that stand for the clinic's own. Their words are in `seed_copy`."""

from __future__ import annotations

from typing import Any

from clinic.catalogue.models import RoomKind, Treatment

CATEGORIES = (
    ("consultations", "Consultations", "Start here: time to talk, to ask, and to hear every option, including none."),
    ("dermal-filler", "Dermal filler", "A gel placed under the skin. Always after a consultation and time to think."),
    ("skin", "Skin", "Treatments for texture, tone and hydration, chosen to suit your skin."),
    ("staff-only", "Booked by staff", "What only staff can book, after a consultation."),
)
CONSULTATION: dict[str, Any] = {
    "category": "consultations",
    "kind": Treatment.Kind.CONSULTATION,
    "duration_minutes": 45,
    "price": 30,
    "room_kind": "",  # any quiet corner will do, so that rooms never hold up a conversation
}
SKIN: dict[str, Any] = {"category": "skin", "room_kind": RoomKind.TREATMENT_ROOM, "buffer_after_minutes": 5}
FILLER: dict[str, Any] = {
    "category": "dermal-filler",
    "room_kind": RoomKind.TREATMENT_ROOM,
    "asks_date_of_birth_first": True,
    "requires_consultation": True,
    "buffer_after_minutes": 10,
}
STAFF_ONLY: dict[str, Any] = {
    "category": "staff-only",
    "is_prescription_only": True,
    "is_bookable_online": False,
    "asks_date_of_birth_first": True,
    "requires_consultation": True,
    "room_kind": RoomKind.TREATMENT_ROOM,
    "buffer_after_minutes": 10,
}
TREATMENTS: dict[str, dict[str, Any]] = {
    "first-consultation": {**CONSULTATION, "name": "First consultation"},
    "lines-and-wrinkles-consultation": {
        **CONSULTATION,
        "name": "Lines and wrinkles consultation",
        "asks_date_of_birth_first": True,
    },
    "skincare-consultation": {**CONSULTATION, "name": "Skincare consultation"},
    "filler-correction-consultation": {
        **CONSULTATION,
        "name": "Filler correction consultation",
        "asks_date_of_birth_first": True,
    },
    "review": {
        **CONSULTATION,
        "name": "Review at two weeks",
        "kind": Treatment.Kind.REVIEW,
        "duration_minutes": 20,
        "price": 0,
        "open_to": Treatment.OpenTo.RETURNING,
    },
    "lip-filler": {**FILLER, "name": "Lip filler", "duration_minutes": 45, "price": 220},
    "cheek-filler": {**FILLER, "name": "Cheek filler", "duration_minutes": 60, "price": 280},
    "jawline-filler": {**FILLER, "name": "Jawline filler", "duration_minutes": 60, "price": 320},
    "tear-trough-filler": {**FILLER, "name": "Tear trough filler", "duration_minutes": 60, "price": 300},
    # Hyaluronic acid goes under the skin, so the rules for filler hold (Children Act 2021 s.1).
    "skin-boosters": {**FILLER, "category": "skin", "name": "Skin boosters", "duration_minutes": 45, "price": 180},
    "chemical-peel": {**SKIN, "name": "Chemical peel", "duration_minutes": 45, "price": 80},
    "microneedling": {**SKIN, "name": "Microneedling", "duration_minutes": 60, "price": 120, "course_visits": 3},
    "botulinum-toxin": {**STAFF_ONLY, "name": "Botulinum toxin (Botox)", "duration_minutes": 30},
    "filler-dissolving": {**STAFF_ONLY, "name": "Filler dissolving (hyaluronidase)", "duration_minutes": 45},
}
OPENED_BY = {  # which consultations count for the treatments of a category
    "dermal-filler": ("first-consultation", "lines-and-wrinkles-consultation"),
    "skin": ("first-consultation", "lines-and-wrinkles-consultation", "skincare-consultation"),
    "staff-only": ("first-consultation", "lines-and-wrinkles-consultation", "filler-correction-consultation"),
}
REVIEWED = ("lip-filler", "cheek-filler", "jawline-filler", "tear-trough-filler", "botulinum-toxin")
