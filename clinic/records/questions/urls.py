from django.db.models import Prefetch
from django.urls import path, reverse

from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.questions.views import approving, begin, editor, parts, trying
from clinic.records.versions import listing
from clinic.records.versions.models import State

_HERE = "diary/forms/questions/"
_ONE = f"{_HERE}<slug:slug>/"

urls = [
    path(f"{_HERE}new/", begin.new, name="new_questionnaire"),
    path(f"{_HERE}import/", begin.take_in, name="import_questionnaire"),
    path(f"{_HERE}examples/", begin.begin_examples, name="example_questionnaires"),
    path(_ONE, editor.questionnaire, name="questionnaire"),
    path(f"{_ONE}settings/", editor.settings, name="questionnaire_settings"),
    path(f"{_ONE}pages/<int:number>/add/", parts.add_question, name="add_question"),
    path(f"{_ONE}question/<slug:key>/", parts.question, name="question"),
    path(f"{_ONE}rules/add/", parts.rule, name="add_rule"),
    path(f"{_ONE}rules/<slug:name>/", parts.rule, name="rule"),
    path(f"{_ONE}scores/add/", parts.score, name="add_score"),
    path(f"{_ONE}scores/<slug:key>/", parts.score, name="score"),
    path(f"{_ONE}try/", trying.trying, name="try_questions"),
    path(f"{_ONE}approve/", approving.approving, name="approve_questions"),
    path(f"{_ONE}export/", begin.export, name="export_questionnaire"),
]


def _rows() -> list[listing.Text]:
    live = QuestionnaireVersion.objects.exclude(state=State.RETIRED).defer("content")
    rows = Questionnaire.objects.prefetch_related(Prefetch("versions", live))
    return [
        listing.state_of(one.title, reverse("records:questionnaire", args=[one.slug]), one.versions.all())
        for one in rows
    ]


listing.register(
    listing.Part(
        title="Questions",
        about="What patients are asked before a visit, and what staff ask with them.",
        rows=_rows,
        actions=(("records:new_questionnaire", "New questions"), ("records:import_questionnaire", "From a file")),
        examples="records:example_questionnaires",
    )
)
