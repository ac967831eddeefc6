"""Begin a document, write its next version, and bring that into use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core.errors import DomainError
from clinic.practitioners.models import Practitioner
from clinic.records.consent_texts.content import DEMONSTRATION, compose, gaps
from clinic.records.consent_texts.examples import EXAMPLES
from clinic.records.consent_texts.models import ConsentDocument, ConsentRule, ConsentVersion
from clinic.records.versions.approving import approve, begin_draft


class NameTaken(DomainError):
    code = "name_taken"


class NotWhole(DomainError):
    """Something has to be written first; `gaps` are sentences."""

    code = "not_whole"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(" ".join(missing))
        self.gaps = missing


def begin(name: str, *, writer: User | None, now: datetime) -> ConsentDocument:
    """Begin a document with an empty draft. Raises NameTaken."""
    with transaction.atomic():
        document, is_new = ConsentDocument.objects.get_or_create(name=name, defaults={"created_at": now})
        if not is_new:
            raise NameTaken("There is a document of this name.")
        write(document, compose(name, {}, [], []), is_material=True, writer=writer, now=now)
    return document


def begin_examples(*, writer: User | None, now: datetime) -> list[ConsentDocument]:
    """Begin those of our examples that are not there yet, as drafts that say that nobody has approved them."""
    made = []
    for example in EXAMPLES:
        document, is_new = ConsentDocument.objects.get_or_create(name=example.name, defaults={"created_at": now})
        if is_new:
            content = compose(example.title, example.texts, example.risks, example.statements, DEMONSTRATION)
            write(document, content, is_material=True, writer=writer, now=now)
            made.append(document)
    return made


def write(
    document: ConsentDocument, content: dict[str, Any], *, is_material: bool, writer: User | None, now: datetime
) -> ConsentVersion:
    """Write the draft of the next version, over one that stands already."""
    return begin_draft(
        kind=ConsentVersion, of=document, content=content, writer=writer, now=now, is_material=is_material
    )


def ask_for(document: ConsentDocument, treatments: Iterable[Treatment]) -> None:
    """Let these treatments ask for it, and no others. A treatment asks for one document."""
    wanted = list(treatments)
    with transaction.atomic():
        ConsentRule.objects.filter(document=document).exclude(treatment__in=wanted).delete()
        for treatment in wanted:
            ConsentRule.objects.update_or_create(treatment=treatment, defaults={"document": document})


def bring_into_use(version: ConsentVersion, *, by: Practitioner, seen: str, now: datetime) -> ConsentVersion:
    """Approve what `by` has read: the content whose digest is `seen`.

    Raises:
        NotWhole: something is not written yet. NotADraft: it was changed or approved meanwhile.
    """
    if missing := gaps(version.content):
        raise NotWhole(missing)
    return approve(version, by=by, seen=seen, now=now)
