"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from config.unannounced_body import UnannouncedBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = UnannouncedBody(get_wsgi_application())
gc.freeze()  # what is loaded once need not be searched for garbage again and again
gc.set_threshold(7_000, 50, 100)  # a request leaves few circles: a tenth of the searches will do
