from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.core.sealing.secret_links import LinkQuerySet, WithLink

NOTICE_LASTS = timedelta(days=30)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an account from the host, whose address counts as proved: whoever runs the server vouches for it."""
        from allauth.account.models import EmailAddress  # noqa: PLC0415 -- it leads to this model itself

        with transaction.atomic():
            user = self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: staff with a role (a group, see `rights.Role`), or a patient."""

    email = models.EmailField("email address", max_length=254)
    name = models.CharField("full name", max_length=150, blank=True)
    is_staff = models.BooleanField("works at the clinic", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_for_each_email_address",
                violation_error_message="There is already an account with this email address.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def group_names(self) -> frozenset[str]:
        """Read once for each request's user; of many users, prefetched."""
        return frozenset(group.name for group in self.groups.all())

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email


class AccountNoticeQuerySet(LinkQuerySet["AccountNotice"]):
    def live(self, now: datetime) -> AccountNoticeQuerySet:
        """Those whose link still opens its page."""
        return self.filter(sent_at__gt=now - NOTICE_LASTS)

    def to_check(self) -> AccountNoticeQuerySet:
        """Those that someone disputed, until staff have looked into them; the first to be disputed first."""
        return self.filter(disputed_at__isnull=False, settled_at=None).order_by("disputed_at", "pk")


AccountNoticeManager = models.Manager.from_queryset(AccountNoticeQuerySet)


class AccountNotice(WithLink):
    """A letter that told of a change to an account. Its link says "This wasn't me"."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    email = models.EmailField("told at", max_length=254)
    what = models.CharField(max_length=200, help_text="The letter's subject.")
    sent_at = models.DateTimeField()
    disputed_at = models.DateTimeField(null=True, blank=True, help_text="When someone said that it was not them.")
    closed_account = models.BooleanField(default=False, help_text="The account takes no sign-in since.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When staff had looked into it.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[AccountNoticeManager[AccountNotice]] = AccountNoticeManager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        indexes = [
            models.Index(
                fields=["disputed_at"],
                name="account_notice_to_check",
                condition=Q(disputed_at__isnull=False, settled_at=None),
            ),
            models.Index(fields=["sent_at"], name="account_notice_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                name="only_a_disputed_notice_is_settled",
                condition=Q(settled_at=None, settled_by=None) | Q(disputed_at__isnull=False, settled_at__isnull=False),
                violation_error_message="Only what someone has disputed can be dealt with.",
            ),
            models.CheckConstraint(
                name="only_a_dispute_closes_an_account",
                condition=Q(closed_account=False) | Q(disputed_at__isnull=False),
                violation_error_message="Only a dispute closes an account.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.what}"
