"""Seal the seeds of authenticator apps and recovery codes, which lay in the clear."""

from django.db import migrations

from clinic.core.sealing import keyring

ABOUT = "second factor"


def _each(apps, change):
    """Under their locks: a recovery code that is used meanwhile stays used."""
    for row in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn").select_for_update():
        for name in ("secret", "seed"):
            if row.data.get(name):
                row.data[name] = change(row.data[name])
        if row.data.get("migrated_codes"):
            row.data["migrated_codes"] = [change(code) for code in row.data["migrated_codes"]]
        row.save(update_fields=["data"])


def seal_all(apps, schema_editor):
    _each(apps, lambda value: value if keyring.key_of(value) else keyring.seal(value, about=ABOUT))


def unseal_all(apps, schema_editor):
    _each(apps, lambda value: keyring.unseal(value, about=ABOUT) if keyring.key_of(value) else value)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(seal_all, unseal_all)]
