"""The CMS's own forms for pictures and documents: what is stored was written anew by a limited process of ours.

Its bytes as they came are opened by no other: `content.decoding`. What cannot be read is refused beside its field.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from clinic.advertising.file_forms import LawfulDocumentForm, LawfulImageForm
from content.decoding.child import Undecodable, rewritten
from content.metadata import Rewritten

LARGEST_PDF = 20 * 2**20


class PictureForm(LawfulImageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("file")
        if field is None:  # the form of what several uploads at once are called
            return
        read = field.to_python

        def to_python(data: Any) -> Any:
            """Wagtail's, of a file that is ours by then."""
            if not data or not data.size:
                return read(data)
            ending = _ending(data.name)
            if ending not in field.allowed_image_extensions:  # type: ignore[attr-defined]
                raise ValidationError(field.error_messages["invalid_image_extension"], code="invalid_image_extension")
            _check_size(data, field.max_upload_size)  # type: ignore[attr-defined]
            return read(_rewritten(data, "picture"))

        field.to_python = to_python  # type: ignore[method-assign,assignment]  # Wagtail makes the field itself


class DocumentForm(LawfulDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file or "file" not in self.changed_data:
            return file
        ending = _ending(file.name)
        if ending in settings.WAGTAILIMAGES_EXTENSIONS:
            raise ValidationError(
                "This is a picture. Please add it under Images, where it is shown in full.", code="kind"
            )
        if ending not in settings.WAGTAILDOCS_EXTENSIONS:
            raise ValidationError("Only PDF files are published. Please save it as a PDF first.", code="kind")
        _check_size(file, LARGEST_PDF)
        return _rewritten(file, "pdf")


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def _check_size(file: Any, most: int) -> None:
    if file.size > most:
        raise ValidationError(
            f"This file is too large ({filesizeformat(file.size)}). Please make it {filesizeformat(most)} at most.",
            code="file_too_large",
        )


def _rewritten(file: Any, kind: str) -> Rewritten:
    file.seek(0)
    try:
        return Rewritten(file.name, rewritten(file.read(), kind), file.content_type)
    except Undecodable as error:
        raise ValidationError(str(error), code="unreadable") from error
