"""Take metadata out of pictures that were stored before uploads were cleaned. Repeatable."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from wagtail.images import get_image_model

from content.metadata import clean_stored


class Command(BaseCommand):
    help = "Take places, times and names out of stored pictures (EXIF, XMP, IPTC), and draw their sizes anew."

    def handle(self, *args: Any, **options: Any) -> None:
        cleaned = seen = 0
        broken = []
        for image in get_image_model().objects.order_by("pk").iterator(chunk_size=100):
            seen += 1
            try:
                cleaned += clean_stored(image)
            except (OSError, ValueError) as error:
                broken.append(f"{image.pk} {image.file.name}: {error}")
        self.stdout.write(f"{seen} seen, {cleaned} cleaned")
        if broken:
            raise CommandError("Could not be read, and may still carry metadata:\n" + "\n".join(broken))
