"""Refuse passwords made of the clinic's own words, which whoever guesses tries first."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from clinic.core.models import ClinicSettings

WORDS = ("juvenology", "clinic", "aesthetic", "skin", "beauty", "diary", "booking", "appointment", "nurse", "patient")
SHORTEST = 8  # of what is left of a password without them


class OwnWords:
    def validate(self, password: str, user: object = None) -> None:
        """
        Raises:
            ValidationError: without the clinic's words and digits, little is left of it.
        """
        name = re.findall(r"\w{4,}", ClinicSettings.load().name.casefold())
        left = re.sub("|".join(map(re.escape, sorted({*WORDS, *name}, key=len, reverse=True))), "", password.casefold())
        if left != password.casefold() and len(re.sub(r"[\W\d_]", "", left)) < SHORTEST:
            raise ValidationError(self.get_help_text(), code="own_words")

    def get_help_text(self) -> str:
        return "Do not make it of the clinic's name or of words of its trade."
