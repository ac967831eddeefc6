"""What the owner should know of the settings: allowed, but the law or a patient would miss something.

Each app adds its own with `advises`; all of it stands at the top of the clinic's settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wagtail.admin.panels import Panel

Advise = Callable[[Any], Iterable[str]]
_advisers: list[Advise] = []


def advises(adviser: Advise) -> Advise:
    """Ask this function, too, what there is to say of the clinic's settings."""
    _advisers.append(adviser)
    return adviser


def advice(clinic: Any) -> list[str]:
    return [said for adviser in _advisers for said in adviser(clinic)]


class AdvicePanel(Panel):  # type: ignore[misc]
    """A panel that is there only while there is something to say."""

    class BoundPanel(Panel.BoundPanel):  # type: ignore[misc]
        template_name = "cms/advice_panel.html"

        def is_shown(self) -> bool:
            return bool(advice(self.instance))

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "advice": advice(self.instance)}
