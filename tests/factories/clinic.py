"""Rows of the clinic's own apps. Plain by default: one person, one treatment, nothing that surprises."""

from __future__ import annotations

from datetime import date, timedelta

import factory
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from clinic.accounts.models import User
from clinic.catalogue.models import Category, Treatment
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess
from clinic.practitioners.models import OfferedTreatment, Practitioner

PASSWORD = "clinic-test-words"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class StaffFactory(UserFactory):
    """`StaffFactory(role="desk")`: a member of staff with that role."""

    is_staff = True

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        if create and extracted:
            self.groups.add(Group.objects.get_or_create(name=str(extracted))[0])


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class TreatmentFactory(DjangoModelFactory):
    """Half an hour, £60, no room, no date of birth asked first."""

    class Meta:
        model = Treatment

    name = factory.Sequence(lambda n: f"Skin treatment {n}")
    slug = factory.Sequence(lambda n: f"skin-treatment-{n}")
    category = factory.SubFactory(CategoryFactory)
    duration_minutes = 30
    price = 60
    room_kind = ""


class AgeGatedTreatmentFactory(TreatmentFactory):
    """The date of birth is asked before any time is held; 18 and over."""

    asks_date_of_birth_first = True


class PractitionerFactory(DjangoModelFactory):
    """`PractitionerFactory(offers=[treatment, …])`: a practitioner who gives these treatments."""

    class Meta:
        model = Practitioner
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Demo Nurse {n}")
    slug = factory.Sequence(lambda n: f"demo-nurse-{n}")
    job_title = "Aesthetic nurse"

    @factory.post_generation
    def offers(self, create, extracted, **kwargs):
        if create:
            for treatment in extracted or []:
                OfferedTreatmentFactory(practitioner=self, treatment=treatment)


class OfferedTreatmentFactory(DjangoModelFactory):
    class Meta:
        model = OfferedTreatment

    practitioner = factory.SubFactory(PractitionerFactory)
    treatment = factory.SubFactory(TreatmentFactory)


class PatientFactory(DjangoModelFactory):
    class Meta:
        model = Patient

    full_name = factory.Sequence(lambda n: f"Sam Lee {n}")
    email = factory.Sequence(lambda n: f"patient{n}@example.com")
    phone = "+447700900123"
    date_of_birth = date(1988, 3, 27)


class AccessFactory(DjangoModelFactory):
    """`AccessFactory(patient=…, user=…)`: that account opens that record, as its patient."""

    class Meta:
        model = PatientAccess

    patient = factory.SubFactory(PatientFactory)
    user = factory.SubFactory(UserFactory)
    source = PatientAccess.Source.STAFF
    starts_at = factory.LazyFunction(clock.now)


class CarerAccessFactory(AccessFactory):
    """Someone who helps: until three months from now."""

    kind = PatientAccess.Kind.CARER
    may = ["visits"]
    evidence = "Written authority seen"
    ends_at = factory.LazyAttribute(lambda access: access.starts_at + timedelta(days=90))
