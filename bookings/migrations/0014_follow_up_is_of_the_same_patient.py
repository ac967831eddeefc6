from django.db import migrations, models

_ADD = """
ALTER TABLE bookings_appointment ADD CONSTRAINT follow_up_is_of_the_same_patient
FOREIGN KEY (follows_id, patient_id) REFERENCES bookings_appointment (id, patient_id) DEFERRABLE INITIALLY IMMEDIATE
"""
_DROP = "ALTER TABLE bookings_appointment DROP CONSTRAINT follow_up_is_of_the_same_patient"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0013_part_follow_ups_of_others")]
    operations = [
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(fields=["id", "patient"], name="appointment_and_its_patient"),
        ),
        migrations.RunSQL(_ADD, _DROP),
    ]
