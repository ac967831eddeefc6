from bookings.forms.booking import (
    ANY,
    BookingDetailsForm,
    ChooseForm,
    ChosenTime,
    DetailsForm,
    FindVisitForm,
    TermsForm,
    read_time,
)
from bookings.forms.dates import SplitDateField

__all__ = [
    "ANY",
    "BookingDetailsForm",
    "ChooseForm",
    "ChosenTime",
    "DetailsForm",
    "FindVisitForm",
    "SplitDateField",
    "TermsForm",
    "read_time",
]
