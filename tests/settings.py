"""The registry's settings for tests: a data directory of their own, cheap passwords.

Every process of a test run (pytest-xdist starts several) has its own directory below one
that the first process makes and removes.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOT_VARIABLE = "REGISTRY_TEST_ROOT"


def _data_dir() -> Path:
    root = os.environ.get(ROOT_VARIABLE)
    if not root:
        root = os.environ[ROOT_VARIABLE] = tempfile.mkdtemp(prefix="registry-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
    return Path(root) / os.environ.get("PYTEST_XDIST_WORKER", "main")


os.environ["DATA_DIR"] = str(_data_dir())
os.environ["REGISTRY_MODE"] = "demo"
os.environ.pop("REDIS_URL", None)
# The browser's driver keeps an event loop in the main thread; Django would refuse the
# database there although nothing runs in that loop while a test touches it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from config.settings import *  # noqa: E402, F403
from config.settings import DATA_DIR, DATABASES, STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Where no test started the queue, a nudge fails at once.
CELERY_TASK_PUBLISH_RETRY = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads, live servers and worker processes share it.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
