from __future__ import annotations

from django.db import models


class OutsideCms(models.Model):
    """A model that no editor looks for: Wagtail keeps no index of its references, which would cost each booking."""

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True
