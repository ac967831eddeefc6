"""Who reads where a test asks a rule and not a page."""

from clinic.accounts.models import User

ALL_SEEING = User(is_active=True, is_staff=True, is_superuser=True)
