"""Old addresses of what has a page of its own outside Wagtail's tree: treatments and practitioners."""

from __future__ import annotations

from typing import Any

from django.db import models
from wagtail.contrib.redirects.models import Redirect


class KeepsOldAddresses(models.Model):
    """When the `slug` of what was public changes, its old address leads to the new one: see `get_absolute_url`."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = self._public_before(kwargs.get("update_fields"))
        super().save(*args, **kwargs)
        if before is not None and before != self.get_absolute_url():
            lead(before, to=self.get_absolute_url())

    def _public_before(self, update_fields: Any) -> str | None:
        """The address at which it was public until now, if this save may change it."""
        if self._state.adding or (update_fields is not None and "slug" not in update_fields):
            return None
        rows: Any = type(self)._base_manager  # noqa: SLF001 -- the manager that hides no row
        stored = rows.filter(pk=self.pk).only("slug", "live", "first_published_at").first()
        return stored.get_absolute_url() if stored and (stored.live or stored.first_published_at) else None


def lead(old: str, *, to: str) -> None:
    """Make the address `old`, and those that led to it, lead to `to`, where nothing leads away any more."""
    made = Redirect.objects.filter(automatically_created=True)
    made.filter(old_path__in=[Redirect.normalise_path(path) for path in (old, to)]).delete()
    made.filter(redirect_link=old).update(redirect_link=to)
    if not Redirect.objects.filter(old_path=Redirect.normalise_path(old)).exists():
        Redirect.add_redirect(old, redirect_to=to, automatically_created=True)


def current_slug(model: Any, slug: str) -> str:
    """What stands under this slug of a model that `KeepsOldAddresses` today, if it was renamed; else the slug itself."""
    former = Redirect.normalise_path(model(slug=slug).get_absolute_url())
    led = Redirect.objects.filter(old_path=former).values_list("redirect_link", flat=True).first()
    return led.rstrip("/").rpartition("/")[2] if led else slug
