"""The Celery application. Tasks carry ids and mean "now": never an eta, never a countdown (docs/adr/0002)."""

import os

import structlog
from celery import Celery, Task, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings.dev")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.task_prerun.connect
def say_which_task(task_id: str, task: Task, **_kwargs: object) -> None:  # type: ignore[type-arg]
    """Name the task in every line that is logged while it runs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
