"""The sizes and formats in which pages show pictures."""

from __future__ import annotations

import logging
from typing import Any

from wagtail.images.models import Filter

logger = logging.getLogger(__name__)
FORMATS = ("avif", "webp", "jpeg")
WIDTHS = (480, 800, 1280)
SPECS = [f"format-{kind}|width-{width}" for kind in FORMATS for width in WIDTHS]


def draw_sizes(image: Any) -> None:
    """Make the renditions that pages ask for. A picture that cannot be drawn is logged; its upload stands."""
    try:
        image.get_renditions(*[Filter(spec=spec) for spec in SPECS])
    except (OSError, ValueError):
        logger.exception("No sizes drawn for image %s", image.pk)
