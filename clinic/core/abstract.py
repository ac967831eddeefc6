from __future__ import annotations

from django.db import models


class OutsideCms(models.Model):
    """A model that no editor looks for: Wagtail keeps no index of its references, which would cost each booking."""

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True


class AddedToOnly(OutsideCms):
    """A model whose rows nobody changes or deletes: `database.append_only` has the triggers that refuse it."""

    added_to_only = True

    class Meta:
        abstract = True
