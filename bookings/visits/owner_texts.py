"""What the owner writes for confirmations, kept to what an automated e-mail may say (docs/adr/0009)."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from bookings.timetable.models import Location
from clinic.advertising.rules.check import Surface, Verdict, check_text
from clinic.core.advice import advises
from clinic.core.models import ClinicSettings

IN_CONFIRMATIONS = ("legal_details", "booking_terms", "before_visit")


def lawful(text: str) -> str:
    """The text, or nothing if it names what may not be advertised: the confirmation goes out without it."""
    return "" if settings.ADVERTISING_RULES == "uk" and unlawful_words(text) else text


@lru_cache(maxsize=64)
def unlawful_words(text: str) -> tuple[str, ...]:
    hits = check_text(text, surface=Surface.MESSAGE)
    return tuple(dict.fromkeys(hit.words for hit in hits if hit.verdict is Verdict.BLOCK))


@advises(ClinicSettings)
def of_unlawful_texts(clinic: ClinicSettings) -> list[str]:
    texts = {str(clinic._meta.get_field(name).verbose_name): getattr(clinic, name) for name in IN_CONFIRMATIONS}  # noqa: SLF001 -- Django's documented name
    texts |= {f"directions to {place}": place.directions for place in Location.objects.filter(is_active=True)}
    return [
        f"“{name}” is left out of confirmations: “{words[0]}” may not stand in a message that goes out by itself."
        for name, text in texts.items()
        if (words := unlawful_words(text))
    ]
