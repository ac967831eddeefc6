"""What the owner should know of the settings: allowed, but the law or a patient would miss something.

Each app adds its own with `advises`; it stands at the top of the settings that it is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from wagtail.admin.panels import Panel

Advise = Callable[[Any], Iterable[str]]
_advisers: defaultdict[type[Model], list[Advise]] = defaultdict(list)


def advises(settings: type[Model]) -> Callable[[Advise], Advise]:
    """Ask the decorated function, too, what there is to say of these settings."""

    def added(adviser: Advise) -> Advise:
        _advisers[settings].append(adviser)
        return adviser

    return added


def advice(settings: Model) -> list[str]:
    return [said for adviser in _advisers[type(settings)] for said in adviser(settings)]


class AdvicePanel(Panel):  # type: ignore[misc]
    """A panel that is there only while there is something to say."""

    class BoundPanel(Panel.BoundPanel):  # type: ignore[misc]
        template_name = "cms/advice_panel.html"

        def is_shown(self) -> bool:
            return bool(advice(self.instance))

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "advice": advice(self.instance)}
