import django.db.models.functions.datetime
from django.db import migrations, models

_FUNCTIONS = """
CREATE FUNCTION diary_note_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO bookings_daychange (day)
    SELECT DISTINCT day::date
    FROM (VALUES (CASE WHEN TG_OP <> 'INSERT' THEN OLD.during END), (CASE WHEN TG_OP <> 'DELETE' THEN NEW.during END))
        AS spans (during)
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', lower(during) AT TIME ZONE 'Europe/London'),
        (upper(during) - interval '1 microsecond') AT TIME ZONE 'Europe/London',
        interval '1 day'
    ) AS day;
    RETURN NULL;
END $$;

CREATE FUNCTION diary_note_every_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO bookings_daychange (day) VALUES ('0001-01-01');
    RETURN NULL;
END $$;
"""
_NO_FUNCTIONS = "DROP FUNCTION diary_note_days; DROP FUNCTION diary_note_every_day;"

_OF_DAYS = ("bookings_appointment", "bookings_timeoff", "bookings_extrahours")
_OF_EVERY_DAY = (
    "bookings_workinghours",
    "bookings_regulartimeoff",
    "bookings_openedholiday",
    "bookings_bookingsettings",
    "bookings_room",
    "bookings_device",
    "practitioners_practitioner",
    "practitioners_offeredtreatment",
    "catalogue_treatment",
)


def _trigger(table, function, events="INSERT OR UPDATE OR DELETE"):
    return migrations.RunSQL(
        f"CREATE TRIGGER diary_version AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"DROP TRIGGER diary_version ON {table}",
    )


class Migration(migrations.Migration):
    """Triggers note which days of the diary change: every way into these tables counts, and none waits for another."""

    dependencies = [("bookings", "0021_notes")]

    operations = [
        migrations.CreateModel(
            name="DayChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["day", "id"], name="day_changes_of_a_day")],
            },
        ),
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        *(_trigger(table, "diary_note_days") for table in _OF_DAYS),
        *(_trigger(table, "diary_note_every_day") for table in _OF_EVERY_DAY),
        _trigger("patients_patient", "diary_note_every_day", "UPDATE"),  # a new patient stands in no diary yet
    ]
