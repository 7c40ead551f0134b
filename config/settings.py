"""Settings: everything that may differ between two registries comes from the environment."""

import sys
from urllib.parse import urlsplit

import dj_database_url
from django.utils.functional import SimpleLazyObject, lazy

from config import environment as env
from config.environment import BASE_DIR, DATA_DIR

DATA_DIR.mkdir(parents=True, exist_ok=True)
REGISTRY_MODE = env.mode()
IS_DEMO = REGISTRY_MODE == "demo"
DEBUG = env.flag("DJANGO_DEBUG")
SECRET_KEY = env.secret("SECRET_KEY")

PORT = int(env.text("PORT", "8000"))
PUBLIC_URL = env.text("PUBLIC_URL", f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", PUBLIC_URL)
IS_HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "config.apps.RegistryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "ledger",
    "certificates",
    "charging",
    "config.apps.ConfigConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.short_way.ShortWay",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.body_limit.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.registry",
            ]
        },
    }
]

SQLITE_URL = f"sqlite:///{DATA_DIR / 'registry.sqlite3'}"
# A connection costs more than most requests: a thread keeps its own for a while, and looks
# whether it still answers before each use.
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", SQLITE_URL),
        conn_max_age=int(env.text("DATABASE_KEEP_S", "60")),
        conn_health_checks=True,
    )
}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # One writer at a time, readers never blocked: measured 0 lock errors where the
    # defaults gave several hundred under two busy processes.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=134217728; PRAGMA cache_size=-65536;"
        ),
    }
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Tables lie on solid state, where a row by an index costs hardly more than the next one; the
    # cores belong to the requests beside this one; and a stream is read to its end. Options in
    # DATABASE_URL replace these.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options",
        "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c cursor_tuple_fraction=1",
    )
    # Only what asks to be prepared is (`ledger.models.once`); without a number nothing could.
    # A pooler that gives each transaction another session wants DATABASE_PREPARES=0.
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = (
        sys.maxsize if env.flag("DATABASE_PREPARES", default=True) else None
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "certificates.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "certificates.permissions.AuditorBackend",
]
# Mail goes out where a server is named; without one nothing pretends to send any.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = int(env.text("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"registry@{urlsplit(PUBLIC_URL).hostname}")

PASSWORD_RESET_TIMEOUT = 86_400  # as long as the link to a new account

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "front"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
# What drivers read; all other pages are in LANGUAGE_CODE. Names are the languages' own.
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = IS_HTTPS
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # the file server warns of a missing one
MEDIA_ROOT = DATA_DIR / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Public keys of charging meters that this registry vouches for (docs/signed-meters.md).
METER_KEYS_FILE = env.text("METER_KEYS_FILE", str(DATA_DIR / "meter-keys.json"))
UPLOAD_LIMIT_BYTES = 64 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REDIS_URL = env.text("REDIS_URL")
QUEUE_SOCKET = DATA_DIR / "queue.sock"
WORKER_PROCESSES = int(env.text("WORKER_PROCESSES", "1"))
# SQLite has one writer whatever their number.
WEB_PROCESSES = int(env.text("WEB_PROCESSES", "1" if IS_SQLITE else "2"))
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{QUEUE_SOCKET}"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740  # first a chance to roll back
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Who asks for work is somebody's request: a queue that does not answer must not hold it up.
# Its worker's own look for work ends within a second.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
# From the first change to the run that looks at it; what comes meanwhile is looked at with it.
REMATCH_AFTER_S = int(env.text("REMATCH_AFTER_S", "20"))
# Seconds between two runs; one that waited longer than that is dropped for the next.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in {
        "certificates.sweep": 60,
        "ledger.sweep": 60,
        "certificates.keep_terms": 86_400,
        "certificates.keep_totals": 60,
        "charging.sweep": 300,
        "charging.reconcile": 60,
        "charging.match_closed_intervals": 3600,
        "charging.match_late_data": 24 * 3600,
    }.items()
}

# The chain: embedded, or the network of the node named here (docs/scaling.md). A registry keeps
# chain and registry id for life: they are part of every address and seal.
LEDGER_CHAIN_URL = env.text("LEDGER_CHAIN_URL")
LEDGER_CHAIN_DEPTH = env.text("LEDGER_CHAIN_DEPTH", "finalized")  # or blocks that must follow
LEDGER_CHAIN_FEE_GWEI = env.text("LEDGER_CHAIN_FEE_GWEI", "1")  # tried first, per gas
LEDGER_CHAIN_FEE_CAP_GWEI = env.text("LEDGER_CHAIN_FEE_CAP_GWEI", "100")
CHAIN_ADAPTER = "foreign" if LEDGER_CHAIN_URL else env.text("CHAIN_ADAPTER", "embedded")
CHAIN_DIR = DATA_DIR / "chain"
CHAIN_ID = int(env.text("CHAIN_ID", "202611"))
REGISTRY_ID = int(env.text("REGISTRY_ID", "1"))
KEYSTORE_DIR = DATA_DIR / "keys"
# Looked up when a key is unlocked, so that only the writer needs it.
CHAIN_PASSPHRASE = lazy(env.secret, str)("CHAIN_PASSPHRASE")

# What charging systems are told (OCPI). The key seals bodies that name drivers: keep it for life.
CHARGING_TOKEN_KEY = SimpleLazyObject(lambda: env.secret("CHARGING_TOKEN_KEY"))
OCPI_PARTY = env.text("OCPI_PARTY", "NL*RER")
# For a private network alone: lets peers have private addresses and plain HTTP.
OCPI_PRIVATE_PEERS = env.flag("OCPI_PRIVATE_PEERS")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
# Under no-referrer a browser sends "Origin: null" with a form, which the CSRF check refuses.
# Receipts, whose address is a secret, say no-referrer themselves.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.problem_details.csrf_refused"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "config.api_schema.Schema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["certificates.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["certificates.api.authentication.HasScope"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ledger.api.streams.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "ledger.api.paging.CursorPages",
    "EXCEPTION_HANDLER": "config.problem_details.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Renewable energy registry",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api_schema.describe_operations",
    ],
    "ENUM_NAME_OVERRIDES": {
        "BatchKindEnum": "ledger.models.Batch.Kind",
        "BeneficiaryKindEnum": "certificates.models.Cancellation.BeneficiaryKind",
        "DeviceKindEnum": "certificates.models.Device.Kind",
        "DeviceStatusEnum": "certificates.models.Device.Status",
        "HandoverStatusEnum": "certificates.models.Handover.Status",
        "OfferStatusEnum": "certificates.models.Offer.Status",
        "StandingOrderStatusEnum": "certificates.models.StandingOrder.Status",
        "ImportStatusEnum": "certificates.models.CertificateImport.Status",
        "NegativePolicyEnum": "certificates.models.Device.NegativePolicy",
        "PlantKindEnum": "certificates.domain.device_facts.KINDS",
        "PlantNegativePolicyEnum": ["clip", "net"],
        "PlantQualityEnum": "certificates.domain.device_facts.QUALITIES",
        "QualityEnum": "certificates.models.Quality",
        "SessionFileStatusEnum": "charging.models.SessionDraft.Status",
        "StandingWishKindEnum": "charging.models.StandingWish.Kind",
        "StatementStatusEnum": "certificates.models.Cancellation.Status",
        "StorageMethodEnum": "certificates.domain.storage.terms.METHODS",
        "StorageRecordStatusEnum": "certificates.models.StorageRecord.Status",
        "TimingEvidenceEnum": "charging.models.Session.TimingEvidence",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
