"""What is taken as a telephone number; names, addresses and birthdays are tested through the doors they come in by."""

import pytest
from django.core.exceptions import ValidationError

from clinic.patients import validation


@pytest.mark.parametrize(
    "written", ["07700 900123", "+44 7700 900123", "(07700) 900-123", "07700 900123 ext 4", "tel: 07700 900123"]
)
def test_a_number_as_people_write_it(written):
    assert validation.phone(written) == "+447700900123"


@pytest.mark.parametrize("written", ["0770O 9OOI23", "0800 FLOWERS", "020 7946 OABC", "07700 9OO123"])
def test_letters_are_never_dialled_as_digits(written):
    """The keypad's digit of an O is 6: the text message would reach somebody else."""
    with pytest.raises(ValidationError, match="Enter a phone number"):
        validation.phone(written)
