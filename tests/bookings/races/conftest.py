import pytest

from bookings.timetable.models import Device, Location
from clinic.catalogue.models import DeviceKind
from tests.bookings.moments import NOW
from tests.bookings.races.track import ATTEMPTS, SLOWEST_SECONDS, Track, deadlocks, overlaps
from tests.factories.bookings import LocationFactory, RoomFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def treatment(transactional_db):
    """Half an hour in a room of its kind."""
    return TreatmentFactory(room_kind="treatment")


@pytest.fixture
def nurses(treatment):
    """Three who give the treatment, and two rooms for it."""
    location = LocationFactory()
    RoomFactory.create_batch(2, location=location, kind="treatment")
    nurses = [PractitionerFactory(offers=[treatment]) for _ in range(3)]
    for nurse in nurses:
        working_week(nurse, location)
    return nurses


@pytest.fixture
def laser(nurses):
    """A treatment that each of them gives in no room, with one of two devices."""
    kind = DeviceKind.objects.create(name="Laser")
    treatment = TreatmentFactory(device_kind=kind)
    for nurse in nurses:
        OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    location = Location.objects.get()
    Device.objects.bulk_create(Device(location=location, name=f"Laser {n}", kind=kind) for n in (1, 2))
    return treatment


@pytest.fixture
def tracks(nurses):
    """Makes tracks; their connections are closed before the tables are emptied."""
    made = []

    def make(lanes):
        made.append(Track(lanes))
        return made[-1]

    yield make
    for track in made:
        track.close()


@pytest.fixture
def track(tracks, request):
    """A track that, at the end, counts what must be none: overlaps, deadlocks, slow attempts, attempts left out."""
    track, before = tracks(8), deadlocks()
    yield track
    track.flush()
    assert overlaps() == 0
    assert deadlocks() == before
    assert track.slowest <= SLOWEST_SECONDS
    assert track.attempts == ATTEMPTS[request.node.name]
