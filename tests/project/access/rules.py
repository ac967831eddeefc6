"""Who may open what, address by address: the one list that a new address has to be entered in.

`OWN`: what is theirs, and of other people's things the answer is that of a thing which does not exist. `ALL`: whatever
there is. Nobody else gets anything, and cannot tell by an answer what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.project.access.world import Side

OWN, ALL = "own", "all"
Opens = dict[str, str]  # a name of `people`, and how much

EVERYONE = (
    "anonymous", "stranger", "link", "patient", "carer", "carer of messages", "carer until yesterday",
    "editor", "desk", "desk by PIN", "practitioner", "owner", "owner without second factor", "owner, locked", "never enrolled", "leaver",
)  # fmt: skip
STOPPED = {"owner without second factor", "owner, locked", "never enrolled"}  # before any view, whatever is asked for
VISIT: Opens = {"link": OWN, "patient": OWN, "carer": OWN}
PATIENT: Opens = {"patient": OWN}
RECORD: Opens = {"desk": ALL, "owner": ALL, "practitioner": OWN}  # by PIN: of today's list alone (test_shared_tablet)
DIARY: Opens = RECORD | {"desk by PIN": ALL}
TEXTS: Opens = {"owner": ALL, "practitioner": ALL}
OWNER: Opens = {"owner": ALL}
WHOEVER_HAS_IT: Opens = {who: ALL for who in EVERYONE if who not in STOPPED}
ENROLS: Opens = {**WHOEVER_HAS_IT, "never enrolled": ALL}


@dataclass(frozen=True)
class Rule:
    """`parts` gives what stands in the address for one side; `opens` who gets it."""

    parts: Callable[[Side], dict[str, Any]]
    opens: Opens
    methods: tuple[str, ...] = ("get", "post")
    sent: dict[str, str] = field(default_factory=dict)  # by the API's POST, so that it looks for the thing at all


def visit(side: Side) -> dict[str, Any]:
    return {"reference": side.visit.reference}


def patient(side: Side) -> dict[str, Any]:
    return {"reference": side.patient.reference}


def _of(name: str, key: str = "pk") -> Callable[[Side], dict[str, Any]]:
    return lambda side: {key: getattr(side, name).pk}


def _link(name: str) -> Callable[[Side], dict[str, Any]]:
    return lambda side: {"token": getattr(side, name).link_token}


def _named(name: str) -> Callable[[Side], dict[str, Any]]:
    return lambda side: {"reference": getattr(side, name).reference}


def _access(side: Side) -> dict[str, Any]:
    return {"reference": side.patient.reference, "pk": side.access.pk}


def _invited(side: Side) -> dict[str, Any]:
    return {"reference": side.patient.reference, "pk": side.asked.pk}


def _merge(side: Side) -> dict[str, Any]:
    return {"reference": side.patient.reference, "pk": side.merge.pk}


def _preferences(side: Side) -> dict[str, Any]:
    return {"token": side.preferences}


def _filled_in(side: Side) -> dict[str, Any]:
    return {"reference": side.visit.reference, "part": side.form.reference, "number": 1}


def _asked(side: Side) -> dict[str, Any]:
    return {"reference": side.visit.reference, "slug": side.form.questionnaire.slug}


def _form(side: Side) -> dict[str, Any]:
    return {"reference": side.questions_link.reference, "part": side.form.reference, "number": 1}


def _record(side: Side) -> dict[str, Any]:
    return {"reference": side.patient.record_key.reference}


def _entry(side: Side) -> dict[str, Any]:
    return _record(side) | {"pk": side.entry.pk}


RULES: dict[str, Rule] = {
    # By a secret link: whoever has it.
    "/accounts/invitation/<str:token>/": Rule(_link("invitation"), ENROLS),
    "/accounts/recovery/<str:token>/": Rule(_link("recovery"), ENROLS),
    "/not-me/<token:token>/": Rule(_link("notice"), WHOEVER_HAS_IT),
    "/forms/<token:token>/": Rule(_link("record_link"), WHOEVER_HAS_IT),
    "/visit/<token:token>/": Rule(_link("visit"), WHOEVER_HAS_IT),
    "/visit/<token:token>/coming/": Rule(_link("visit"), WHOEVER_HAS_IT),
    "/waiting/offers/<token:token>/": Rule(_link("offer"), WHOEVER_HAS_IT),
    "/waiting/<token:token>/": Rule(_link("waiting"), WHOEVER_HAS_IT),
    "/unsubscribe/<str:token>/": Rule(_preferences, WHOEVER_HAS_IT),
    "/preferences/<str:token>/": Rule(_preferences, WHOEVER_HAS_IT),
    "/calendar/<token:token>.ics": Rule(_link("feed"), WHOEVER_HAS_IT),
    "/api/v1/bookings/<token>": Rule(_link("visit"), WHOEVER_HAS_IT, ("get", "delete")),
    "/api/v1/bookings/<token>/move": Rule(
        _link("visit"), WHOEVER_HAS_IT, ("post",), {"starts_at": "2030-01-07T10:00:00Z"}
    ),
    # By a link opened in this session, or an account joined to the record.
    "/visit/<reference:reference>/": Rule(visit, VISIT),
    "/visit/<reference:reference>/move/": Rule(visit, VISIT),
    "/visit/<reference:reference>/move/confirm/": Rule(visit, VISIT),
    "/visit/<reference:reference>/cancel/": Rule(visit, VISIT),
    "/visit/<reference:reference>/coming/": Rule(visit, VISIT),
    "/visit/<reference:reference>/follow-up/": Rule(visit, VISIT),
    "/visit/<reference:reference>/course/": Rule(visit, VISIT),
    "/visit/<reference:reference>/calendar.ics": Rule(visit, VISIT),
    "/waiting/<reference:reference>/": Rule(_named("waiting"), {"patient": OWN, "carer": OWN}),
    "/forms/<reference:reference>/questions/": Rule(_named("questions_link"), {"link": OWN}, ("get",)),
    **{
        f"/forms/<reference:reference>/questions/<reference:part>/{what}": Rule(_form, {"link": OWN}, methods)
        for what, methods in {
            "<int:number>/": ("get", "post"),
            "<int:number>/save/": ("post",),
            "check/": ("get", "post"),
            "again/": ("post",),
        }.items()
    },
    "/forms/<reference:reference>/birthday/": Rule(_named("record_link"), {"link": OWN}),
    # The patient's own pages.
    "/helping/<token:token>/": Rule(_link("asked"), WHOEVER_HAS_IT, ("get",)),
    "/my/messages/<uuid:pk>/": Rule(_of("message"), {"patient": OWN, "carer of messages": OWN}, ("get",)),
    "/my/people/<int:pk>/end/": Rule(_of("helper"), {"patient": OWN}, ("post",)),
    "/my/people/invitation/<int:pk>/withdraw/": Rule(_of("asked"), {"patient": OWN}, ("post",)),
    "/my/data/copy/<slug:reference>/": Rule(_named("copy"), {"patient": OWN}, ("get",)),
    "/my/data/requests/<slug:reference>/withdraw/": Rule(_named("request"), {"patient": OWN}, ("post",)),
    # One's own account.
    "/accounts/2fa/webauthn/keys/<int:pk>/remove/": Rule(_of("passkey"), PATIENT),
    "/accounts/2fa/webauthn/keys/<int:pk>/edit/": Rule(_of("passkey"), PATIENT),
    # The diary.
    "/diary/visits/<reference:reference>/": Rule(
        visit, DIARY | {"practitioner": ALL}, ("get",)
    ),  # a colleague's: the time
    "/diary/visits/<reference:reference>/move/": Rule(visit, DIARY),
    "/diary/visits/<reference:reference>/cancel/": Rule(visit, DIARY),
    **{
        f"/diary/visits/<reference:reference>/{what}/": Rule(visit, DIARY, ("post",))
        for what in ("status", "birthday", "typed", "restore", "undo")
    },
    "/diary/messages/<uuid:pk>/": Rule(_of("message"), DIARY),
    "/diary/messages/<uuid:pk>/again/": Rule(_of("message"), DIARY),
    "/diary/messages/<uuid:pk>/settle/": Rule(_of("message"), DIARY),
    "/diary/messages/<uuid:pk>/put-back/": Rule(_of("message"), DIARY),
    "/diary/feeds/<int:pk>/revoke/": Rule(_of("feed"), {"owner": ALL, "practitioner": OWN}),
    **{
        f"/diary/forms/consent/<reference:reference>/{what}": Rule(_named("consent_text"), TEXTS, methods)
        for what, methods in {"": ("get", "post"), "read/": ("get",)}.items()
    },
    "/diary/forms/consent/<reference:reference>/approve/": Rule(_named("consent_text"), {"practitioner": ALL}),
    "/diary/patients/<reference:reference>/": Rule(patient, RECORD),
    "/diary/patients/<reference:reference>/correct/": Rule(patient, RECORD),
    "/diary/patients/<reference:reference>/notes/": Rule(patient, RECORD, ("post",)),
    "/diary/patients/<reference:reference>/merge/": Rule(patient, RECORD, ("get",)),
    **{
        f"/diary/patients/<reference:reference>/accounts/<int:pk>/{what}/": Rule(_access, RECORD)
        for what in ("end", "again", "settle")
    },
    "/diary/patients/<reference:reference>/accounts/invitations/<int:pk>/withdraw/": Rule(_invited, RECORD, ("post",)),
    "/diary/patients/<reference:reference>/merge/<int:pk>/undo/": Rule(_merge, RECORD),
    "/diary/messages/accounts/<int:pk>/settle/": Rule(
        _of("told"), {"desk": ALL, "desk by PIN": ALL, "owner": ALL}, ("post",)
    ),
    "/diary/patients/<reference:reference>/accounts/give/": Rule(patient, RECORD),
    "/diary/requests/limits/<slug:reference>/end/": Rule(patient, OWNER, ("post",)),
    "/diary/requests/<slug:reference>/": Rule(_named("request"), {"desk": ALL, "owner": ALL}, ("get",)),
    "/diary/requests/new/<slug:reference>/": Rule(patient, {"desk": ALL, "owner": ALL}, ("get",)),
    "/diary/requests/<slug:reference>/erase/": Rule(_named("erasing"), OWNER, ("post",)),
    # The clinical record: what treatments need of it is nobody's.
    "/diary/visits/<reference:reference>/record/": Rule(visit, {"practitioner": OWN}, ("get",)),
    "/diary/visits/<reference:reference>/record/note/": Rule(visit, {"practitioner": OWN}),
    "/diary/visits/<reference:reference>/record/step/": Rule(visit, {"practitioner": OWN}, ("post",)),
    "/diary/visits/<reference:reference>/record/open/": Rule(visit, {"owner": ALL, "practitioner": ALL}),
    "/diary/records/of/<reference:reference>/": Rule(patient, {"practitioner": OWN}, ("get",)),
    "/diary/records/<reference:reference>/": Rule(_record, {"practitioner": OWN}),
    "/diary/records/<reference:reference>/access/": Rule(_record, {"owner": ALL, "practitioner": OWN}, ("get",)),
    **{
        f"/diary/records/<reference:reference>/entries/<uuid:pk>/{what}/": Rule(_entry, {"practitioner": OWN})
        for what in ("addendum", "strike", "cosign")
    },
    "/diary/visits/<reference:reference>/record/assessment/": Rule(visit, {"practitioner": OWN}),
    "/diary/visits/<reference:reference>/record/questions/": Rule(visit, {"practitioner": OWN}),
    **{
        f"/diary/visits/<reference:reference>/record/questions/{what}": Rule(parts, {"practitioner": OWN}, methods)
        for what, parts, methods in (
            ("of/<slug:slug>/begin/", _asked, ("post",)),
            ("of/<slug:slug>/not-needed/", _asked, ("get", "post")),
            ("<reference:part>/<int:number>/", _filled_in, ("get", "post")),
            ("<reference:part>/<int:number>/save/", _filled_in, ("post",)),
            ("<reference:part>/check/", _filled_in, ("get", "post")),
        )
    },
    "/diary/visits/<reference:reference>/record/identity/": Rule(visit, {"practitioner": OWN}),
    "/diary/visits/<reference:reference>/record/assessment/sign/": Rule(visit, {"practitioner": OWN}, ("post",)),
    "/diary/forms/treatments/<int:pk>/": Rule(_of("treatment"), {"owner": ALL, "practitioner": ALL}),
    # What the owner runs.
    "/diary/integrations/keys/<int:pk>/revoke/": Rule(_of("key"), OWNER),
    "/diary/integrations/webhooks/<int:pk>/": Rule(_of("endpoint"), OWNER),
    "/diary/integrations/webhooks/<int:pk>/switch/": Rule(_of("endpoint"), OWNER),
    "/diary/integrations/deliveries/<uuid:pk>/replay/": Rule(_of("delivery"), OWNER),
    "/staff/invitations/<int:pk>/": Rule(_of("invitation"), {}),  # a missing one is said on the next page
    "/staff/devices/<int:pk>/end/": Rule(_of("tablet"), {}),  # likewise
    **{f"/staff/<int:pk>/{what}": Rule(_of("nurse"), OWNER) for what in ("", "reset/", "leave/")},
    "/staff/<int:pk>/back/": Rule(_of("gone"), OWNER),
}

# Addresses with parts that name nobody's thing, and why.
PUBLIC = {
    "/webhooks/anymail/<str:provider>/tracking/": "reports of providers, by a signature (test_views_reports)",
    "/webhooks/sms/<str:provider>/": "the same",
    "/visit/<path:_anything>/": "a link that was cut: the page for a link that does not work",
    "/waiting/<path:_anything>/": "the same",
    "/api/v1/<path:rest>": "no such operation",
    "/api/v1/staff/bookings/<reference>": "by a key of staff's, which opens every visit (test_by_key)",
    "/api/v1/staff/bookings/<reference>/move": "the same",
    "/api/v1/staff/bookings/<reference>/status": "the same",
    "/api/v1/webhooks/deliveries/<delivery_id>/replay": "the same",
    **{
        f"/diary/forms/questions/<slug:slug>/{what}": "what the clinic asks, of no patient: behind a right (test_rights)"
        for what in (
            "",
            "settings/",
            "pages/<int:number>/add/",
            "question/<slug:key>/",
            "rules/add/",
            "rules/<slug:name>/",
            "scores/add/",
            "scores/<slug:key>/",
            "try/",
            "approve/",
            "export/",
        )
    },
    "/treatments/<slug:slug>/": "public pages",
    "/practitioners/<slug:slug>/": "public pages",
    "/_util/authenticate_with_password/<path:rest>": "shut",
    "/documents/authenticate_with_password/<path:rest>": "shut",
    "/documents/authenticate_with_password/<int:restriction_id>/": "stands behind the one that is shut",
    "/_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/": "stands behind it too",
    "/documents/^(\\d+)/(.*)$": "documents of the CMS, by their own restrictions (test_documents)",
    "/^media/images/(?P<path>.+)$": "pictures of public pages",
    "/^((?:[\\w\\-]+/)*)$": "pages of the CMS",
}
GLUED = "a link with a full stop behind it: leads to the link itself (test_page)"
