from django.urls import path, re_path, register_converter

from bookings.desk.feeds import views as feeds
from bookings.desk.hours import views as hours
from bookings.desk.late import views as late
from bookings.desk.line import views as line
from bookings.desk.numbers import views as numbers
from bookings.desk.overview import views as overview
from bookings.desk.patients.views import account, correct, listing, merge, record
from bookings.desk.plan import views as plan
from bookings.desk.plan import views_lately as lately
from bookings.desk.sheet import views as sheet
from bookings.desk.sheet import views_offline
from bookings.desk.views import birthday, diary, holidays, notes
from bookings.desk.views import drop as diary_drop
from bookings.desk.views import typed_contact as diary_typed
from bookings.desk.views import version as diary_version
from bookings.integrations import views as integrations
from bookings.messages.comparison import views as comparison
from bookings.messages.delivery import views_metrics as metrics
from bookings.messages.delivery import views_reports as reports
from bookings.messages.inbox import views as messages
from bookings.online.views import find_record, not_me, preferences
from bookings.online.views.booking import entrances
from bookings.online.views.my import details as my_details
from bookings.online.views.my import invitation as my_invitation
from bookings.online.views.my import messages as my_messages
from bookings.online.views.my import people as my_people
from bookings.online.views.my import visits as my
from bookings.online.views.visit import attendance, course, follow_up
from bookings.online.views.visit import change as visit_change
from bookings.online.views.visit import page as visit
from bookings.visits.converters import LinkToken, Reference
from bookings.waiting_list.views import desk as waiting_at_desk
from bookings.waiting_list.views import entry as waiting
from bookings.waiting_list.views import gap as waiting_gap
from bookings.waiting_list.views import join as waiting_join

register_converter(Reference, "reference")
register_converter(LinkToken, "token")

app_name = "bookings"

book_urls = [
    path("book/", entrances.on_site("choose"), name="choose"),
    path("book/when/", entrances.on_site("when"), name="when"),
    path("book/details/", entrances.on_site("details"), name="details"),
    path("book/check/", entrances.on_site("check"), name="check"),
    path("book/done/", entrances.on_site("done"), name="done"),
    path("book/cannot-book/", entrances.on_site("too_young"), name="too_young"),
]

embed_urls = [
    path("embed/", entrances.in_frame("choose"), name="embed"),
    path("embed/when/", entrances.in_frame("when"), name="embed_when"),
    path("embed/details/", entrances.in_frame("details"), name="embed_details"),
    path("embed/check/", entrances.in_frame("check"), name="embed_check"),
    path("embed/frame.js", entrances.script, name="embed_script"),
]

# What texts and mail programs leave behind a link: "(see …/visit/<token>/)." Never a character that a token may end with.
GLUED = r"^(?P<start>visit|waiting|waiting/offers|unsubscribe|preferences|not-me|helping|forms)/(?P<token>[\w-]+(?:\.[\w-]+)*)/?"
GLUED += r"(?P<rest>coming)?/?(?P<glued>[^\w/-]+)/?$"

glued_urls = [re_path(GLUED, visit.clean_link, name="clean_link")]

visit_urls = [
    path("my/", my.my, name="my"),
    path("my/find/", find_record.find_record, name="find_record"),
    path("my/details/", my_details.details, name="my_details"),
    path("my/messages/", my_messages.message_list, name="my_messages"),
    path("my/messages/<uuid:pk>/", my_messages.message, name="my_message"),
    path("my/people/", my_people.people, name="my_people"),
    path("my/people/<int:pk>/end/", my_people.end, name="my_people_end"),
    path("my/people/invitation/", my_invitation.invitation, name="my_invitation"),
    path("my/people/invitation/<int:pk>/withdraw/", my_people.withdraw, name="my_people_withdraw"),
    path("helping/<token:token>/", my_invitation.invitation_link, name="invitation_link"),
    path("not-me/<token:token>/", not_me.not_me, name="not_me"),
    path("visit/find/", visit.send_link, name="send_link"),
    path("visit/<reference:reference>/", visit.visit, name="visit"),
    path("visit/<reference:reference>/move/", visit_change.visit_move, name="visit_move"),
    path("visit/<reference:reference>/move/confirm/", visit_change.visit_move_confirm, name="visit_move_confirm"),
    path("visit/<reference:reference>/cancel/", visit_change.visit_cancel, name="visit_cancel"),
    path("visit/<reference:reference>/coming/", attendance.coming, name="coming"),
    path("visit/<reference:reference>/follow-up/", follow_up.visit_follow_up, name="visit_follow_up"),
    path("visit/<reference:reference>/course/", course.visit_course, name="visit_course"),
    path("visit/<reference:reference>/calendar.ics", visit.visit_calendar, name="visit_calendar"),
    path("visit/<token:token>/coming/", attendance.coming_link, name="coming_link"),
    path("visit/<token:token>/", visit.visit_link, name="visit_link"),
    path("visit/<path:_anything>/", visit.broken_link),
]

preference_urls = [
    path("unsubscribe/<str:token>/", preferences.unsubscribe, name="unsubscribe"),
    path("preferences/<str:token>/", preferences.preferences, name="preferences"),
]

waiting_urls = [
    path("waiting/join/", waiting_join.join, name="waiting_join"),
    path("waiting/offers/<token:token>/", waiting.offer_link, name="offer_link"),
    path("waiting/<reference:reference>/", waiting.entry, name="waiting"),
    path("waiting/<token:token>/", waiting.waiting_link, name="waiting_link"),
    path("waiting/<path:_anything>/", visit.broken_link),
]

diary_urls = [
    path("diary/", overview.diary, name="diary"),
    path("diary/version/", diary_version.version, name="diary_version"),
    path("diary/drop/", diary_drop.drop, name="diary_drop"),
    path("diary/book/", diary.book, name="diary_book"),
    path("diary/line/", line.line, name="line"),
    path("diary/plan/", plan.plan, name="plan"),
    path("diary/plan/undo/", plan.plan_undo, name="plan_undo"),
    path("diary/time/", hours.time, name="time"),
    path("diary/time/change/", hours.change, name="time_change"),
    path("diary/lately/", lately.lately, name="lately"),
    path("diary/late/", late.late, name="late"),
    path("diary/late/undo/", late.undo, name="late_undo"),
    path("diary/holidays/", holidays.holidays, name="holidays"),
    path("diary/numbers/", numbers.page, name="numbers"),
    path("diary/sheet/", sheet.sheet, name="sheet"),
    path("diary/sheet/offline/", views_offline.offline, name="sheet_offline"),
    path("diary/worker.js", views_offline.worker, name="sheet_worker"),
    path("diary/sheet/type/", sheet.type_in, name="sheet_type"),
    path("diary/waiting/", waiting_at_desk.diary_waiting, name="diary_waiting"),
    path("diary/waiting/offer/", waiting_gap.offer, name="waiting_offer"),
    path("diary/waiting/offer/undo/", waiting_gap.undo, name="waiting_offer_undo"),
    path("diary/messages/", messages.index, name="messages"),
    path("diary/messages/wordings/", comparison.index, name="wordings"),
    path("diary/messages/accounts/<int:pk>/settle/", messages.settle_account, name="account_settle"),
    path("diary/messages/<uuid:pk>/", messages.detail, name="message"),
    path("diary/messages/<uuid:pk>/again/", messages.again, name="message_again"),
    path("diary/messages/<uuid:pk>/settle/", messages.settle, name="message_settle"),
    path("diary/messages/<uuid:pk>/put-back/", messages.put_back, name="message_put_back"),
    path("diary/visits/<reference:reference>/", diary.visit, name="diary_visit"),
    path("diary/visits/<reference:reference>/status/", diary.status, name="diary_status"),
    path("diary/visits/<reference:reference>/birthday/", birthday.birthday, name="diary_birthday"),
    path("diary/visits/<reference:reference>/move/", diary.move, name="diary_move"),
    path("diary/visits/<reference:reference>/typed/", diary_typed.judge_typed, name="diary_typed"),
    path("diary/visits/<reference:reference>/cancel/", diary.cancel, name="diary_cancel"),
    path("diary/visits/<reference:reference>/restore/", diary.restore, name="diary_restore"),
    path("diary/visits/<reference:reference>/undo/", lately.undo, name="diary_undo"),
]

feed_urls = [
    path("calendar/<token:token>.ics", feeds.calendar_feed, name="calendar_feed"),
    path("diary/feeds/", feeds.index, name="feeds"),
    path("diary/feeds/<int:pk>/revoke/", feeds.revoke, name="revoke_feed"),
]

patient_urls = [
    path("diary/patients/", listing.patients, name="patients"),
    path("diary/patients/<reference:reference>/", record.patient, name="patient"),
    path("diary/patients/<reference:reference>/correct/", correct.correct_patient, name="patient_correct"),
    path("diary/patients/<reference:reference>/accounts/<int:pk>/end/", account.end_access, name="patient_access_end"),
    path(
        "diary/patients/<reference:reference>/accounts/<int:pk>/again/", account.give_back, name="patient_access_back"
    ),
    path(
        "diary/patients/<reference:reference>/accounts/<int:pk>/settle/", account.settle, name="patient_access_settle"
    ),
    path(
        "diary/patients/<reference:reference>/accounts/invitations/<int:pk>/withdraw/",
        account.withdraw_invitation,
        name="patient_invitation_withdraw",
    ),
    path("diary/patients/<reference:reference>/accounts/give/", account.give_access, name="patient_access_give"),
    path("diary/patients/<reference:reference>/notes/", notes.note_patient, name="patient_note"),
    path("diary/patients/<reference:reference>/merge/", merge.merge_patient, name="patient_merge"),
    path("diary/patients/<reference:reference>/merge/<int:pk>/undo/", merge.undo_merge, name="patient_undo_merge"),
]

integration_urls = [
    path("diary/integrations/", integrations.index, name="integrations"),
    path("diary/integrations/keys/<int:pk>/revoke/", integrations.revoke_key, name="revoke_key"),
    path("diary/integrations/webhooks/<int:pk>/", integrations.endpoint, name="webhook"),
    path("diary/integrations/webhooks/<int:pk>/switch/", integrations.switch, name="switch_webhook"),
    path("diary/integrations/deliveries/<uuid:pk>/replay/", integrations.replay, name="replay_webhook"),
]

monitor_urls = [path("metrics", metrics.metrics, name="metrics")]

report_urls = [
    path("webhooks/anymail/<str:provider>/tracking/", reports.emails, name="email_reports"),
    path("webhooks/sms/<str:provider>/", reports.texts, name="text_reports"),
]

urlpatterns = [
    *report_urls,
    *monitor_urls,
    *book_urls,
    *embed_urls,
    *glued_urls,
    *visit_urls,
    *preference_urls,
    *waiting_urls,
    *diary_urls,
    *feed_urls,
    *patient_urls,
    *integration_urls,
]
