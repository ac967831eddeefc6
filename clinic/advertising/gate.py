"""The gate that no public text passes unchecked, whoever opens it.

Wagtail has many ways to publish: the edit views and the API run `PublishPageRevisionAction` themselves, workflows and
bulk actions call `revision.publish()`, aliases and copies are saved as live, code calls `save()`. They all meet in two
places, and nowhere else:

1. a row with `live=True` is saved: `Model.save_base`, which sends `pre_save`;
2. a revision gets an hour to go live: `Revision.save` with `approved_go_live_at` (a live page's row is not saved then).

So the check listens there, and runs again when a scheduled revision goes live (`schedule`). A draft is saved freely.
Not seen: `QuerySet.update`, `bulk_create` and SQL, which send nothing. `manage.py rescan_advertising` finds those.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_save, pre_save
from wagtail.log_actions import get_active_log_context
from wagtail.models import Revision

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import PublicTextMixin, refuse_unlawful
from clinic.advertising.registry import PUBLISHED, place_of, public_texts, report_on

# What Wagtail writes on a live row when a draft is saved, or when a form that was refused is shown again (the length of
# a file): the unlawful words are in memory, and stay out of the row.
_BOOKKEEPING = frozenset(
    {
        "latest_revision",
        "latest_revision_created_at",
        "draft_title",
        "has_unpublished_changes",
        "live_revision",
        "locked",
        "locked_at",
        "locked_by",
        "expired",
        "url_path",
        "numchild",
        "file_size",
        "file_hash",
        "path",
        "depth",
    }
)


def connect() -> None:
    pre_save.connect(check_live_row, dispatch_uid="advertising.check_live_row")
    post_save.connect(keep_first_verdict, dispatch_uid="advertising.keep_first_verdict")
    pre_save.connect(check_scheduled_revision, sender=Revision, dispatch_uid="advertising.check_scheduled_revision")


def check_live_row(instance: models.Model, update_fields: Collection[str] | None = None, **_kwargs: Any) -> None:
    if _has_public_texts(instance) and _becomes_public(instance, update_fields):
        _refuse(instance)


def keep_first_verdict(instance: models.Model, *, created: bool, **_kwargs: Any) -> None:
    """A new row had no key when it was checked: keep its verdict now that it has one.

    Not of the settings' defaults, which are made when they are first read: nobody has written them.
    """
    if not (created and _has_public_texts(instance) and _becomes_public(instance, None) and _is_checked(instance)):
        return
    user = get_active_log_context().user
    if user or isinstance(instance, PublicTextMixin):
        AdvertisingVerdict.objects.keep(instance, report_on(instance), user=user)


def check_scheduled_revision(instance: Revision, update_fields: Collection[str] | None = None, **_kwargs: Any) -> None:
    if instance.approved_go_live_at is None or (update_fields and "approved_go_live_at" not in update_fields):
        return
    scheduled = instance.as_object()
    if _has_public_texts(scheduled):
        _refuse(scheduled)


def _becomes_public(instance: models.Model, update_fields: Collection[str] | None) -> bool:
    """A model without drafts has no `live` field: whatever is saved is public."""
    only_bookkeeping = update_fields is not None and _BOOKKEEPING.issuperset(update_fields)
    return bool(getattr(instance, "live", True)) and not only_bookkeeping


def _has_public_texts(instance: models.Model) -> bool:
    return isinstance(instance, PublicTextMixin) or instance._meta.label in PUBLISHED  # noqa: SLF001 -- its public name


def _is_checked(instance: models.Model) -> bool:
    return settings.ADVERTISING_RULES != "off" and bool(public_texts(instance))


def _refuse(instance: models.Model) -> None:
    """The user, where there is one, is who works in Wagtail's admin right now."""
    if _is_checked(instance):
        surface, exempt = place_of(instance)
        user = get_active_log_context().user
        texts = public_texts(instance) or {}
        refuse_unlawful(instance, fields=texts, surface=surface, user=user, exempt=exempt)
