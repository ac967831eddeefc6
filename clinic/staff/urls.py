from django.urls import path

from clinic.staff import views_enrolment, views_people

app_name = "staff"

enrolment_urls = [
    path("accounts/invitation/<str:token>/", views_enrolment.invitation, name="invitation"),
    path("accounts/recovery/<str:token>/", views_enrolment.recovery, name="recovery"),
    path("accounts/start/", views_enrolment.start, name="start"),
]

people_urls = [
    path("staff/", views_people.people, name="people"),
    path("staff/invitations/<int:pk>/", views_people.invitation, name="invited"),
    path("staff/<int:pk>/", views_people.person, name="person"),
    path("staff/<int:pk>/reset/", views_people.reset, name="reset"),
    path("staff/<int:pk>/leave/", views_people.leave, name="leave"),
    path("staff/<int:pk>/back/", views_people.come_back, name="come_back"),
]

urlpatterns = [*enrolment_urls, *people_urls]
