from __future__ import annotations

from clinic.patients.references import REFERENCE


class Reference:
    """A visit's or a patient's reference: eight characters of an alphabet without look-alikes."""

    regex = REFERENCE

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class LinkToken(Reference):
    """The secret of a visit's link: 256 bits in base 64."""

    regex = "[A-Za-z0-9_-]{43,64}"
