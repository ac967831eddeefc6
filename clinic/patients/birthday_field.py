"""A date in three text boxes, as people write one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.core import clock
from clinic.patients import validation
from clinic.patients.typed_date import as_date

PARTS = ("day", "month", "year")


class SplitDateWidget(forms.MultiWidget):
    """Day, month and year; the boxes a browser may fill in from what it knows of a birthday."""

    template_name = "components/widgets/date_of_birth.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {part: forms.TextInput(attrs={"autocomplete": f"bday-{part}", **_box(part)}) for part in PARTS}, attrs
        )

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The first box, so that a link in the error summary lands on it."""
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: date | None) -> list[str]:
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


def forget_birthdays(field: forms.Field) -> None:
    """Have the browser offer no birthday that it knows for these boxes."""
    for box in field.widget.widgets:
        box.attrs["autocomplete"] = "off"


def _box(part: str) -> dict[str, str]:
    # A month may be typed in letters, so its box must not call up a keyboard of digits only.
    width = {"class": "w-4" if part == "year" else "w-2"}
    return {**width, "spellcheck": "false"} if part == "month" else {**width, "inputmode": "numeric"}


class SplitDateField(forms.MultiValueField):
    """A birthday that may be someone's. Takes "3", "mar" and "March"; an error names the part that is missing.

    `is_own` is false where staff type it: the browser must not fill in what it knows of the birthday of staff.
    """

    widget = SplitDateWidget

    def __init__(self, *, what: str, is_own: bool = True, **kwargs: Any) -> None:
        self.what = what
        boxes = tuple(forms.CharField(required=False, max_length=20) for _ in PARTS)
        required = {"required": f"Enter your {what.lower()}"}
        kwargs["error_messages"] = required | (kwargs.get("error_messages") or {})
        super().__init__(boxes, require_all_fields=False, **kwargs)
        if not is_own:
            forget_birthdays(self)

    def clean(self, value: Sequence[str | None] | None) -> date | None:
        written = [(part or "").strip().strip(".,").lower() for part in value or ()]
        missing = [name for name, part in zip(PARTS, written, strict=False) if not part]
        if not any(written):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if missing:
            raise ValidationError(f"{self.what} must include a {' and '.join(missing)}", code="incomplete")
        return self._checked(as_date(written, self.what))

    def _checked(self, day: date) -> date:
        return validation.birthday(day, clock.today())

    def compress(self, data_list: list[Any]) -> Any:
        raise NotImplementedError  # clean() does all of it
