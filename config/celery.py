"""The task queue: a real worker always, on Redis or on the embedded server."""

import gc
import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init

# Celery warns root of messages that carry code; here only JSON is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("registry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _leave_the_code_alone(**_: object) -> None:
    """What is loaded once and never dropped need not be searched for garbage again and again.

    A tenth of the time of issuing went there.
    """
    gc.freeze()
