"""Categories as staff type them in the CMS."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from clinic.advertising.forms import LawfulModelForm
from clinic.catalogue.models import Category
from clinic.catalogue.models.category import NAME_IS_TAKEN


class CategoryForm(LawfulModelForm):
    def clean_name(self) -> Any:
        """Say beside the field what the constraint would say of the form as a whole."""
        name = self.cleaned_data["name"]
        if Category.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(NAME_IS_TAKEN)
        return name
