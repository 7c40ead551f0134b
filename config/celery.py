"""The task queue: a real worker always, on Redis or on the embedded server."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning

# Celery warns root of messages that carry code; here only JSON is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("registry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
