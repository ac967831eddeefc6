import pytest
from django.core.exceptions import ValidationError

from bookings.visits.models import BookingSettings


@pytest.mark.parametrize("written", ["", "https://www.example.com", " https://a.example:8443 \n\nhttps://b.example"])
def test_origins_that_may_embed_the_booking_page(written):
    BookingSettings(embedding_sites=written).clean()


@pytest.mark.parametrize(
    "written", ["www.example.com", "https://a.example/path", "https://a.example; script-src *", "*", "http://a.example"]
)
def test_what_is_no_origin_is_refused_beside_its_field(written):
    with pytest.raises(ValidationError, match="is not an origin") as refused:
        BookingSettings(embedding_sites=f"https://good.example\n{written}").clean()
    assert "embedding_sites" in refused.value.message_dict
