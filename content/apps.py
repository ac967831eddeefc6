from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save, pre_delete, pre_save


class ContentConfig(AppConfig):
    name = "content"

    def ready(self) -> None:
        from wagtail.documents import get_document_model  # noqa: PLC0415 -- models are ready only now
        from wagtail.images import get_image_model  # noqa: PLC0415 -- models are ready only now
        from wagtail.signals import page_slug_changed, post_page_move  # noqa: PLC0415 -- it reads models

        from clinic.core.deletion import protect_file  # noqa: PLC0415 -- it reads models
        from content import documents, metadata  # noqa: PLC0415 -- they read models
        from content.redirects import forget_own_addresses  # noqa: PLC0415 -- models are ready only now

        pre_save.connect(metadata.clean_upload, sender=get_image_model(), dispatch_uid="clean-upload")
        pre_save.connect(documents.clean_upload, sender=get_document_model(), dispatch_uid="clean-document")
        post_save.connect(_draw_sizes, sender=get_image_model(), dispatch_uid="draw-sizes")
        for kind in (get_image_model(), get_document_model()):
            pre_delete.connect(protect_file, sender=kind, dispatch_uid="protect-file")
        page_slug_changed.connect(forget_own_addresses, dispatch_uid="forget-own-addresses")
        post_page_move.connect(forget_own_addresses, dispatch_uid="forget-own-addresses")


def _draw_sizes(instance: Any, *, raw: bool = False, **kwargs: Any) -> None:
    """Make every size when a picture is uploaded: an AVIF takes half a second, which no reader should wait for."""
    from content.pictures import draw_sizes  # noqa: PLC0415 -- models are ready only now

    if not raw:
        transaction.on_commit(partial(draw_sizes, instance))
