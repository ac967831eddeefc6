"""What an account opens: the visits of the records that are joined to it, for as long as they are."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.online.views.account import own_patients, visits_of_account
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def user():
    return UserFactory(email="family@example.com")


def visit_of(access):
    return AppointmentFactory(patient=access.patient, starts_at=NOW + DAY)


def test_their_own_and_those_of_whom_they_help(user):
    own = visit_of(AccessFactory(user=user, starts_at=NOW))
    helped = visit_of(CarerAccessFactory(user=user, starts_at=NOW))
    visit_of(AccessFactory(starts_at=NOW))

    assert set(visits_of_account(user, NOW)) == {own, helped}
    assert list(own_patients(user, NOW)) == [own.patient]


def test_no_visits_where_only_messages_are_open(user):
    visit_of(CarerAccessFactory(user=user, starts_at=NOW, may=["messages", "forms"]))

    assert not visits_of_account(user, NOW).exists()


def test_an_address_on_the_record_opens_nothing(user):
    AppointmentFactory(patient=PatientFactory(email=user.email), starts_at=NOW + DAY)

    assert not visits_of_account(user, NOW).exists()


@pytest.mark.parametrize("when", [{"starts_at": NOW + SECOND}, {"ends_at": NOW}, {"revoked_at": NOW - SECOND}])
def test_nothing_before_it_starts_once_it_ends_and_once_it_is_revoked(user, when):
    visit_of(CarerAccessFactory(user=user, **{"starts_at": NOW - DAY} | when))

    assert not visits_of_account(user, NOW).exists()


def test_all_in_one_statement_however_many_they_help(user, django_assert_num_queries):
    for _ in range(5):
        visit_of(CarerAccessFactory(user=user, starts_at=NOW))

    with django_assert_num_queries(1):
        assert len(visits_of_account(user, NOW)) == 5
