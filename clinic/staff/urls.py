from django.urls import path

from clinic.staff.views import enrolment, lock, people, tablets, unlock

app_name = "staff"

enrolment_urls = [
    path("accounts/invitation/<str:token>/", enrolment.invitation, name="invitation"),
    path("accounts/recovery/<str:token>/", enrolment.recovery, name="recovery"),
    path("accounts/start/", enrolment.start, name="start"),
]

lock_urls = [
    path("accounts/lock/", lock.lock_now, name="lock"),
    path("accounts/unlock/", unlock.unlock, name="unlock"),
    path("accounts/pin/", unlock.choose_pin, name="pin"),
]

people_urls = [
    path("staff/", people.people, name="people"),
    path("staff/invitations/<int:pk>/", people.invitation, name="invited"),
    path("staff/devices/", tablets.shared_tablets, name="tablets"),
    path("staff/devices/<int:pk>/end/", tablets.revoke, name="tablet_end"),
    path("staff/<int:pk>/", people.person, name="person"),
    path("staff/<int:pk>/reset/", people.reset, name="reset"),
    path("staff/<int:pk>/leave/", people.leave, name="leave"),
    path("staff/<int:pk>/back/", people.come_back, name="come_back"),
]

urlpatterns = [*enrolment_urls, *lock_urls, *people_urls]
