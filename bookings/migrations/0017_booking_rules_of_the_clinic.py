from django.db import migrations

_COPY = """
INSERT INTO bookings_bookingsettings (
    slot_step_minutes, minimum_notice_hours, horizon_days, change_window_hours, hold_minutes, avoids_short_gaps,
    last_start_at, closes_on_public_holidays, offer_minutes, embedding_sites, max_future_visits, consultation_valid_days
)
SELECT slot_step_minutes, minimum_notice_hours, horizon_days, change_window_hours, hold_minutes, avoids_short_gaps,
       last_start_at, closes_on_public_holidays, offer_minutes, embedding_sites, max_future_visits,
       consultation_valid_days
FROM core_clinicsettings ORDER BY id LIMIT 1"""


class Migration(migrations.Migration):
    """The owner's booking rules move here from the settings of the clinic, before they are dropped there."""

    run_before = [("core", "0005_booking_rules_left")]
    dependencies = [
        ("core", "0004_what_a_confirmation_says"),
        ("bookings", "0016_booking_settings"),
    ]

    operations = [migrations.RunSQL(_COPY, migrations.RunSQL.noop)]
