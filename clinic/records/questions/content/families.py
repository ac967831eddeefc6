"""Families of products, as flags of the questions, rules of treatments and stock name them."""

from __future__ import annotations

from django.db.models import TextChoices


class Family(TextChoices):
    TOXIN = "toxin", "Botulinum toxin"
    HA_FILLER = "ha_filler", "Hyaluronic acid filler"
    OTHER_FILLER = "other_filler", "Other filler"
    ENZYME = "enzyme", "Enzyme (hyaluronidase)"
    PEEL = "peel", "Peel"
    BOOSTER = "booster", "Skin booster"
    DEVICE = "device", "Device or needling"
