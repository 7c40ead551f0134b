"""What the clock asks of the worker."""

from config.celery import app


def test_every_scheduled_task_exists_and_every_task_is_limited_in_time(settings):
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]
    # Redis hands a task to another worker after an hour without an answer.
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < 3600
