"""Seal the seeds of authenticator apps and recovery codes, which lay in the clear."""

from django.db import migrations

from clinic.accounts.second_factors import seal, unseal, with_secrets
from clinic.core.sealing import keyring


def _each(apps, change):
    for row in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn").iterator():
        row.data = with_secrets(row.data, change)
        row.save(update_fields=["data"])


def seal_all(apps, schema_editor):
    _each(apps, lambda value: value if keyring.key_of(value) else seal(value))


def unseal_all(apps, schema_editor):
    _each(apps, unseal)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(seal_all, unseal_all)]
