import django.contrib.postgres.constraints
import django.core.serializers.json
from django.conf import settings
from django.db import migrations, models

# Whether a visit lies in the hours of its practitioner at its location, and in no regular time off. Public holidays
# and single time off are left aside: who asks whether hours fit a visit does not ask about those.
_COVER = """
CREATE FUNCTION diary_hours_cover(who bigint, place bigint, visit tstzrange) RETURNS boolean
LANGUAGE sql STABLE COST 1000 AS $$
    WITH days AS (
        SELECT day::date AS day
        FROM generate_series(
            date_trunc('day', lower(visit) AT TIME ZONE 'Europe/London'),
            (upper(visit) - interval '1 microsecond') AT TIME ZONE 'Europe/London',
            interval '1 day'
        ) AS day
    ), weekly AS (
        SELECT TRUE AS is_open, weekday, starts_at, ends_at, valid_from, valid_until, every_weeks
        FROM bookings_workinghours WHERE practitioner_id = who AND location_id = place
        UNION ALL
        SELECT FALSE, weekday, starts_at, ends_at, valid_from, valid_until, every_weeks
        FROM bookings_regulartimeoff WHERE practitioner_id = who OR practitioner_id IS NULL
    ), walls AS (
        SELECT is_open, (day + starts_at) AT TIME ZONE 'Europe/London' AS starts,
               (day + ends_at) AT TIME ZONE 'Europe/London' AS ends
        FROM weekly
        JOIN days ON extract(isodow FROM day) = weekday
             AND day >= valid_from AND (valid_until IS NULL OR day <= valid_until)
             AND ((date_trunc('week', day)::date - date_trunc('week', valid_from)::date) / 7) % every_weeks = 0
    ), spans AS (
        SELECT is_open, CASE WHEN starts < ends THEN tstzrange(starts, ends) END AS span FROM walls
        UNION ALL
        SELECT TRUE, during FROM bookings_extrahours
        WHERE practitioner_id = who AND location_id = place AND during && visit
    )
    SELECT COALESCE((SELECT range_agg(span) FROM spans WHERE is_open) @> visit, FALSE)
           AND NOT COALESCE((SELECT range_agg(span) FROM spans WHERE NOT is_open) && visit, FALSE)
$$;
"""
_NO_COVER = "DROP FUNCTION diary_hours_cover"

# Extra hours at two locations at once, which the CMS let through: the older ones keep the time.
_APART = """
SET CONSTRAINTS ALL IMMEDIATE;
DO $$
DECLARE
    one record;
    last bigint := (SELECT max(id) FROM bookings_extrahours);
BEGIN
    FOR one IN SELECT * FROM bookings_extrahours a WHERE EXISTS (
        SELECT FROM bookings_extrahours b
        WHERE b.practitioner_id = a.practitioner_id AND b.location_id <> a.location_id AND b.during && a.during
    ) ORDER BY id LOOP
        DELETE FROM bookings_extrahours WHERE id = one.id;
        INSERT INTO bookings_extrahours (practitioner_id, location_id, during)
        SELECT one.practitioner_id, one.location_id, unnest(tstzmultirange(one.during) - COALESCE((
            SELECT range_agg(during) FROM bookings_extrahours
            WHERE practitioner_id = one.practitioner_id AND location_id <> one.location_id AND id > last
        ), '{}'::tstzmultirange));
    END LOOP;
END $$;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0024_missed'),
        ('practitioners', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(_COVER, _NO_COVER),
        migrations.RunSQL(_APART, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='diarychange',
            name='hours',
            field=models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
        ),
        migrations.AlterField(
            model_name='diarychange',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='diarychange',
            name='kind',
            field=models.CharField(choices=[('block', 'Time blocked'), ('extension', 'Visit made longer or shorter'), ('hours', 'Hours changed')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='diarychange',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'hours'), ('ends_at__isnull', False), _connector='OR'), name='diary_change_ends_unless_it_is_of_hours', violation_error_message='Only a change of hours has no end.'),
        ),
        migrations.AddConstraint(
            model_name='diarychange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hours__isnull', False), ('kind', 'hours')), models.Q(models.Q(('kind', 'hours'), _negated=True), ('hours__isnull', True)), _connector='OR'), name='diary_change_of_hours_keeps_their_rows', violation_error_message='A change of hours keeps the rows that went and came.'),
        ),
        migrations.AddConstraint(
            model_name='extrahours',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('practitioner', '='), ('location', '<>'), ('during', '&&')], name='extra_hours_are_at_one_location_at_a_time', violation_error_message='There are extra hours at another location then.'),
        ),
    ]
