from bookings.integrations.forms.key import KeyForm
from bookings.integrations.models import ApiKey
from clinic.accounts.rights import HOLDERS, Right, Role

SENT = {"key-name": "Website", "key-scopes": ["diary:read", "webhooks:replay"]}


def test_the_owner_gives_a_key_every_scope():
    owner = frozenset(right for right in Right if Role.OWNER in HOLDERS[right])
    form = KeyForm(SENT, rights=owner)

    assert [value for value, _ in form.fields["scopes"].choices] == ApiKey.Scope.values
    assert form.is_valid()


def test_nobody_gives_a_key_what_they_may_not_do():
    form = KeyForm(SENT, rights=frozenset({Right.MANAGE_INTEGRATIONS}))

    assert [value for value, _ in form.fields["scopes"].choices] == ["webhooks:replay"]
    assert not form.is_valid()
    assert list(form.errors) == ["scopes"]
