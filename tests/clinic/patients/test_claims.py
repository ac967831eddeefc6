"""Claims: an account gets the record of its own person, or an answer that says nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from clinic.patients.claims import MOST_FROM_ADDRESS, MOST_OF_ACCOUNT, Claim, TooManyTries, claim
from clinic.patients.joining import part
from clinic.patients.models import ClaimAttempt, Patient, PatientAccess
from tests.factories.clinic import AccessFactory, PatientFactory, UserFactory

NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
BORN = date(1988, 3, 27)
FAMILY = "family@example.com"
THREADS = 16


def an_account(address=FAMILY, *, verified=True):
    user = UserFactory()
    EmailAddress.objects.create(user=user, email=address, verified=verified, primary=True)
    return user


def sam(**values):
    return PatientFactory(**{"full_name": "Sam Lee", "email": FAMILY, "date_of_birth": BORN} | values)


def tried(user, name="Sam Lee", born=BORN, *, record=None, address="192.0.2.7", now=NOW):
    return claim(Claim(name, born, record), user=user, address=address, now=now)


def outcomes():
    return list(ClaimAttempt.objects.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.django_db
class TestWhomItJoins:
    @pytest.mark.parametrize("name", ["Sam Lee", "sam  LÉE", "Sam-Lee"])
    @pytest.mark.parametrize("written", [FAMILY, "Family@Example.com"])
    def test_the_one_record_that_fits(self, name, written):
        patient, user = sam(email=written), an_account()
        access = tried(user, name)

        assert (access.patient, access.user, access.kind, access.source) == (patient, user, "self", "claim")
        assert outcomes() == ["joined"]

    @pytest.mark.parametrize("other", [{"name": "Robin Lee"}, {"born": date(1988, 3, 28)}])
    def test_nobody_of_another_name_or_birthday(self, other):
        sam()

        assert tried(an_account(), **other) is None
        assert outcomes() == ["none"]

    def test_nobody_by_an_address_that_is_not_proved(self):
        sam()

        assert tried(an_account(verified=False)) is None
        assert tried(an_account("else@example.com")) is None

    def test_a_record_without_a_birthday_or_an_address_fits_nobody(self):
        sam(date_of_birth=None), sam(email="")

        assert tried(an_account()) is None

    def test_several_that_fit_join_none_unless_one_is_named(self):
        first = sam()
        sam(kept_apart=1)
        user = an_account()

        assert tried(user) is None
        assert outcomes() == ["several"]
        assert tried(user, record=first.pk).patient == first

    def test_a_record_that_was_merged_is_left_to_the_desk(self):
        sam(merged_into=PatientFactory())

        assert tried(an_account()) is None

    def test_somebody_elses_record_is_as_good_as_missing(self):
        AccessFactory(patient=sam(), starts_at=NOW)

        assert tried(an_account()) is None
        assert outcomes() == ["none"]
        assert PatientAccess.objects.count() == 1

    def test_an_account_that_is_someone_already_is_nobody_else(self):
        user = an_account()
        AccessFactory(user=user, starts_at=NOW)
        sam()

        assert tried(user) is None

    def test_twice_is_once(self):
        sam()
        user = an_account()

        assert tried(user) == tried(user)
        assert outcomes() == ["joined", "joined"]

    def test_what_was_ended_comes_back_by_no_claim(self):
        sam()
        user = an_account()
        part(tried(user), by=None, now=NOW)

        assert tried(user) is None
        assert not PatientAccess.objects.live(NOW).exists()

    def test_another_address_later_joins_nothing_and_takes_nothing(self):
        """Neither one proved on the account, nor one written to the record at the desk."""
        patient, user = sam(), an_account()
        tried(user)
        sam(email="else@example.com", full_name="Robin Lee")
        EmailAddress.objects.create(user=user, email="else@example.com", verified=True)
        Patient.objects.filter(pk=patient.pk).update(email="new@example.com")

        assert [access.patient for access in PatientAccess.objects.live(NOW)] == [patient]


@pytest.mark.django_db
class TestHowOften:
    def test_an_account_has_five_tries_in_24_hours(self):
        user = an_account()
        for number in range(MOST_OF_ACCOUNT):
            tried(user, now=NOW + timedelta(hours=number), address=f"192.0.2.{number}")
        with pytest.raises(TooManyTries):
            tried(user, now=NOW + timedelta(hours=23))

        assert tried(user, now=NOW + timedelta(hours=24)) is None
        assert len(outcomes()) == MOST_OF_ACCOUNT + 1

    def test_an_address_has_twenty(self):
        for _ in range(MOST_FROM_ADDRESS):
            tried(UserFactory())
        with pytest.raises(TooManyTries):
            tried(UserFactory())

        assert tried(UserFactory(), address="192.0.2.8") is None

    def test_a_record_that_fits_is_not_joined_after_that(self):
        user = an_account()
        for _ in range(MOST_OF_ACCOUNT):
            tried(user)
        sam()
        with pytest.raises(TooManyTries):
            tried(user)

    def test_the_address_is_kept_as_a_digest(self):
        tried(UserFactory())

        assert b"192.0.2.7" not in bytes(ClaimAttempt.objects.get().address_digest)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def try_at_once(self, users):
        def one(user):
            try:
                return tried(user) and "joined"
            except TooManyTries:
                return "refused"
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, users))

    def test_64_tries_of_an_account_are_five(self):
        answers = self.try_at_once([UserFactory()] * 64)

        assert answers.count("refused") == 64 - MOST_OF_ACCOUNT
        assert len(outcomes()) == MOST_OF_ACCOUNT

    def test_64_accounts_at_one_address_have_twenty_tries(self):
        answers = self.try_at_once([UserFactory() for _ in range(64)])

        assert answers.count("refused") == 64 - MOST_FROM_ADDRESS
        assert len(outcomes()) == MOST_FROM_ADDRESS

    def test_a_record_is_joined_once(self):
        sam()
        answers = self.try_at_once([an_account()] * 4)

        assert answers == ["joined"] * 4
        assert PatientAccess.objects.count() == 1
