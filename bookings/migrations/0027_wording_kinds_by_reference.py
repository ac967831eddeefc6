from django.db import migrations, models

import bookings.messages.models.wording


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0025_hours_in_the_diary'),
    ]

    operations = [
        migrations.AlterField(
            model_name='wording',
            name='kind',
            field=models.CharField(choices=bookings.messages.models.wording.kinds_in_owners_words, max_length=20, verbose_name='message'),
        ),
    ]
