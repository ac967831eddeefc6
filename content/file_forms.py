"""The CMS's own forms for pictures and documents: a file that cannot be read is refused beside its field."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from clinic.advertising.file_forms import LawfulDocumentForm, LawfulImageForm
from content import documents, metadata

UNREADABLE = "This picture cannot be read: part of it may be missing. Please save it anew and upload it again."


class PictureForm(LawfulImageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        read = field.to_python

        def to_python(data: Any) -> Any:
            """Wagtail's, which opens the file twice and foresees a broken one only the second time."""
            try:
                return read(data)
            except (OSError, SyntaxError) as error:
                raise ValidationError(UNREADABLE, code="unreadable") from error

        field.to_python = to_python  # type: ignore[method-assign,assignment]  # Wagtail makes the field itself

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            try:
                metadata.clean(file)
            except (OSError, ValueError, SyntaxError) as error:
                raise ValidationError(UNREADABLE, code="unreadable") from error
            finally:
                file.seek(0)
        return file


class DocumentForm(LawfulDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file or "file" not in self.changed_data:
            return file
        ending = PurePosixPath(file.name).suffix.lower().removeprefix(".")
        if ending in settings.WAGTAILIMAGES_EXTENSIONS:
            raise ValidationError(
                "This is a picture. Please add it under Images, where it is shown in full.", code="kind"
            )
        if ending not in settings.WAGTAILDOCS_EXTENSIONS:
            raise ValidationError("Only PDF files are published. Please save it as a PDF first.", code="kind")
        try:
            documents.clean(file)
        except documents.Unreadable as error:
            raise ValidationError(str(error), code="unreadable") from error
        finally:
            file.seek(0)
        return file
