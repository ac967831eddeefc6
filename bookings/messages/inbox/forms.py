from __future__ import annotations

from django import forms

from bookings.messages.models import Message
from clinic.core.date_fields import DayField


class MessageSearchForm(forms.Form):
    use_required_attribute = False
    q = forms.CharField(label="Search", required=False, max_length=150, strip=True)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All states"), *Message.State.choices])
    day = DayField(label="Day", required=False)
