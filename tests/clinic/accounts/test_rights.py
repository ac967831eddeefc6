"""The one table: who holds which right, what a view does with it, and that it is printed as it is documented."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http import HttpResponse
from django.template import Context, Template
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import needs
from clinic.accounts.rights import CLINICAL, HOLDERS, Right, Role, may, rights_of
from tests.factories.clinic import StaffFactory, UserFactory

DOCS = Path(__file__).resolve().parents[3] / "docs" / "accounts.md"


def test_every_right_has_a_holder_and_a_description():
    assert set(HOLDERS) == set(Right)
    assert all(HOLDERS.values())
    assert len({right.label for right in Right}) == len(Right)


def test_the_owner_holds_every_right_but_those_of_whoever_treats():
    not_the_owners = {right for right, holders in HOLDERS.items() if Role.OWNER not in holders}

    assert not_the_owners == {Right.READ_RECORDS, Right.WRITE_RECORDS, Right.APPROVE_TEXTS}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_has_the_rights_of_the_table(role):
    held = {right for right in Right if role in HOLDERS[right]}

    assert rights_of(StaffFactory(role=role)) == held


@pytest.mark.django_db
def test_rights_of_several_roles_add_up():
    both = StaffFactory(role="practitioner")
    both.groups.add(*StaffFactory(role="editor").groups.all())

    assert rights_of(both) == {right for right in Right if HOLDERS[right] & {Role.PRACTITIONER, Role.EDITOR}}
    assert may(both, Right.SEE_DIARY)
    assert may(both, Right.PUBLISH_SITE)
    assert not may(both, Right.CHANGE_ANY_DIARY)


@pytest.mark.django_db
def test_a_superuser_holds_all_that_is_not_clinical_and_who_does_not_work_here_none():
    patient, gone = UserFactory(), StaffFactory(role="owner", is_active=False)
    former = StaffFactory(role="owner", is_staff=False)
    nobody = [patient, gone, former, AnonymousUser()]

    assert rights_of(StaffFactory(is_superuser=True)) == set(Right) - CLINICAL
    assert [rights_of(user) for user in nobody] == [frozenset()] * 4


@needs(Right.SEE_DIARY, to_change=Right.OPEN_HOLIDAYS)
def guarded(request):
    """Say so."""
    return HttpResponse("inside")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "method", "is_let_in"),
    [
        ("owner", "get", True),
        ("owner", "post", True),
        ("desk", "get", True),
        ("desk", "head", True),
        ("desk", "post", False),
        ("desk", "put", False),
        ("editor", "get", False),
    ],
)
def test_a_view_lets_in_who_holds_its_right(rf, role, method, is_let_in):
    request = getattr(rf, method)("/diary/holidays/")
    request.user, request.session = StaffFactory(role=role), {}

    if is_let_in:
        assert guarded(request).status_code == 200
    else:
        with pytest.raises(PermissionDenied):
            guarded(request)


def test_a_view_asks_who_is_not_signed_in_to_sign_in(rf):
    request = rf.get("/diary/holidays/?x=1")
    request.user = AnonymousUser()

    assert guarded(request).headers["Location"] == "/accounts/login/?next=/diary/holidays/%3Fx%3D1"


@pytest.mark.django_db
def test_a_view_keeps_what_was_typed_of_who_was_signed_out(rf):
    request = rf.post("/diary/holidays/", {"note": "Typed for long"}, headers={"Origin": "http://testserver"})
    request.user, request.session = AnonymousUser(), {}
    answer = guarded(request)

    assert answer.status_code == 403
    assert "Typed for long" in answer.content.decode()


def test_the_mark_of_a_view_stays_under_other_decorators():
    assert (guarded.right, guarded.right_to_change) == (Right.SEE_DIARY, Right.OPEN_HOLIDAYS)
    assert require_POST(guarded).right == Right.SEE_DIARY
    assert guarded.__doc__ == "Say so."


def test_a_template_asks_by_the_name_of_a_right_and_a_misspelt_one_fails():
    words = '{{% load diary %}}{{% if user|may:"{}" %}}yes{{% else %}}no{{% endif %}}'
    context = Context({"user": AnonymousUser()})

    assert Template(words.format("see_diary")).render(context) == "no"
    with pytest.raises(ValueError, match="see_dairy"):
        Template(words.format("see_dairy")).render(context)


def test_the_command_prints_the_table_in_columns():
    lines = _printed().splitlines()
    place = lines[0].index("Practitioner")

    assert lines[0].split() == ["Right", "Owner", "Practitioner", "Desk", "Editor", "By", "PIN"]
    assert len(lines) == 1 + len(Right)
    assert {line[place:].split()[0] for line in lines[1:]} == {"yes", "own", "–"}


def test_the_documentation_has_the_printed_table():
    assert f"\n\n{_printed('--markdown')}\n" in DOCS.read_text(encoding="utf-8")


def _printed(*options):
    out = StringIO()
    call_command("permissions", *options, stdout=out)
    return out.getvalue()
