"""The CMS's own forms for pictures and documents, with the same refusal beside the field (see Wagtail's settings)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.rules.check import Report


class LawfulFileMixin(AdvertisingFormMixin):
    """Where many files are uploaded at once, Wagtail shows what is wrong with `file`, and nothing else."""

    def _add_hits(self, report: Report) -> None:
        super()._add_hits(report)
        if self.files and "file" not in self.errors:
            for hit in report.hits:
                self.add_error("file", ValidationError(str(hit), code="advertising"))


class LawfulImageForm(LawfulFileMixin, BaseImageForm):  # type: ignore[misc]  # Wagtail is untyped
    pass


class LawfulDocumentForm(LawfulFileMixin, BaseDocumentForm):  # type: ignore[misc]
    pass
