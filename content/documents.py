"""PDFs without what a program wrote into them beside their pages: who wrote them, when, with what, and from which files.

Word files, pictures and the rest are not published as documents: a picture is published as a picture, and the others
carry their history where no reader looks.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from django.core.files.base import ContentFile
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from content.metadata import Rewritten

SAYS_MORE = ("/Metadata", "/PieceInfo", "/LastModified")


class Unreadable(ValueError):
    """It is no PDF, is broken, or asks for a password."""


def clean(file: IO[bytes]) -> bytes:
    """The same pages without author, dates and programs, without attached files and without former versions.

    Raises:
        Unreadable
    """
    file.seek(0)
    try:
        reader = PdfReader(file)
        if reader.is_encrypted:
            raise Unreadable("This PDF asks for a password, which readers do not have. Save it without one.")
        return _with_what_is_shown(_without_notes(reader))
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("This file cannot be read as a PDF. Please save it anew and upload it again.") from error


def _without_notes(reader: PdfReader) -> PdfReader:
    writer = PdfWriter(clone_from=reader)
    for part in writer._objects:  # noqa: SLF001 -- pictures and forms may say more, too
        if isinstance(part, DictionaryObject):
            for name in SAYS_MORE:
                part.pop(name, None)
    return PdfReader(_written(writer))


def _with_what_is_shown(reader: PdfReader) -> bytes:
    """The pages and the table of contents, with what they refer to: what nothing refers to any more stays behind."""
    writer = PdfWriter()
    writer.append(reader)
    writer.metadata = None
    return _written(writer).getvalue()


def _written(writer: PdfWriter) -> BytesIO:
    out = BytesIO()
    writer.write(out)
    return out


def clean_upload(instance: Any, **_kwargs: Any) -> None:
    """Before a document is first written: what goes to the disk is clean already, by whatever door it comes.

    Raises:
        Unreadable: the form refuses it with words; no other door stores it either.
    """
    file = instance.file
    if not file or file._committed or isinstance(file.file, Rewritten):  # noqa: SLF001 -- Django's, without a public name
        return
    instance.file = ContentFile(clean(file), file.name)
    instance._set_document_file_metadata()  # noqa: SLF001 -- as Wagtail's own form does
