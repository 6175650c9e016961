"""One settings file for the embedded default and for production; the environment tells which."""

from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF

from portal.env import BASE_DIR, DEMO, VAR_DIR, embedded_secret_key, env, secret

django_stubs_ext.monkeypatch()

DEBUG = False
SECRET_KEY = secret("SECRET_KEY") or embedded_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("PORTAL_HTTPS", default=False)
BEHIND_PROXY = env.bool("PORTAL_BEHIND_PROXY", default=False)
SITE_NAME = env.str("PORTAL_SITE_NAME", default="Live Update portal")
SITE_ENVIRONMENT = env.str("PORTAL_ENVIRONMENT", default="demo" if DEMO else "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "portal.web",
    "portal.audit",
    "portal.access",
    "inventory",
    "liveupdate",
    "portal.runner",
    "portal.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.access.auditing.middleware.ChannelMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.web.origin.OriginMiddleware",
    "portal.access.middleware.RightsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "portal.web.middleware.PageMiddleware",
    "portal.access.middleware.SessionRulesMiddleware",
]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"

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
                "portal.web.context.site",
                "portal.access.context.person",
            ],
        },
    }
]

FORM_RENDERER = "portal.web.forms.Renderer"
CSRF_FAILURE_VIEW = "portal.web.errors.csrf_failure"

DATABASES: dict[str, Any] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
            "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "portal.access.attempts.counted_name"
AXES_LOCKOUT_CALLABLE = "portal.access.views.locked_out"

PORTAL_SECOND_FACTOR_ROLES = env.list("PORTAL_SECOND_FACTOR_ROLES", default=[])
PORTAL_CODE_FAILURES = env.int("PORTAL_CODE_FAILURES", default=5)
PORTAL_CODE_LOCK_MINUTES = env.int("PORTAL_CODE_LOCK_MINUTES", default=15)
PORTAL_STEP_UP_MINUTES = env.int("PORTAL_STEP_UP_MINUTES", default=10)
PORTAL_IDLE_MINUTES = env.int("PORTAL_IDLE_MINUTES", default=30)
PORTAL_SESSION_HOURS = env.int("PORTAL_SESSION_HOURS", default=8)
PORTAL_STEP_UP = env.str("PORTAL_STEP_UP", default="none")

SESSION_COOKIE_NAME = "__Host-lu" if HTTPS else "lu"
SESSION_ENGINE = "portal.access.sessions"
SESSION_COOKIE_AGE = PORTAL_SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-lu-csrf" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS and BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("PORTAL_TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = env.str("BROKER_URL", default=REDIS_URL.replace("unix://", "redis+socket://", 1))
EMAIL_CONFIG = env.email_url(
    "EMAIL_URL", default=f"filemail:///{VAR_DIR / 'mail'}" if DEMO else "consolemail://"
)
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("PORTAL_MAIL_FROM", default="lu-portal@localhost")
EMAIL_SUBJECT_PREFIX = ""
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000")

LEDGER_ORIGIN = env.str("LEDGER_ORIGIN", default="portal.invalid/lu-ledger/v1")
LEDGER_KEY_FILE = env.str("LEDGER_KEY_FILE", default=str(VAR_DIR / "ledger" / "signing.key"))
LEDGER_SIGNER_STATE = env.str("LEDGER_SIGNER_STATE", default=str(VAR_DIR / "ledger" / "signer.json"))
LEDGER_ANCHOR_FILE = env.str("LEDGER_ANCHOR_FILE", default=str(VAR_DIR / "ledger" / "checkpoints.log"))
LEDGER_KEEP_ENTRIES_MONTHS = env.int("LEDGER_KEEP_ENTRIES_MONTHS", default=84)
LEDGER_KEEP_OUTPUT_MONTHS = env.int("LEDGER_KEEP_OUTPUT_MONTHS", default=13)
LEDGER_SYSLOG = env.list("LEDGER_SYSLOG", default=[])
LEDGER_WITNESSES = env.list("LEDGER_WITNESSES", default=[])
LEDGER_TIMESTAMP_URL = env.str("LEDGER_TIMESTAMP_URL", default="")
LEDGER_TIMESTAMP_CA = env.str("LEDGER_TIMESTAMP_CA", default="")
LEDGER_TIMESTAMP_HOURS = env.float("LEDGER_TIMESTAMP_HOURS", default=24.0)

PORTAL_SPOOL_DIR = env.str("PORTAL_SPOOL_DIR", default=str(VAR_DIR / "spool"))
PORTAL_SPOOL_MB = env.float("PORTAL_SPOOL_MB", default=256.0)
PORTAL_SPOOL_DAYS = env.int("PORTAL_SPOOL_DAYS", default=35)
PORTAL_DISK_FLOOR_MB = env.int("PORTAL_DISK_FLOOR_MB", default=64)
PORTAL_SEALER_AWAY_S = env.float("PORTAL_SEALER_AWAY_S", default=900.0)

PORTAL_NETWORKS = env.list("PORTAL_NETWORKS", default=["127.0.0.0/8", "::1/128"] if DEMO else [])
PORTAL_LAUNCHER_DIR = env.str("PORTAL_LAUNCHER_DIR", default="/var/adm/ras/lu-portal")
PORTAL_LEASE_S = env.float("PORTAL_LEASE_S", default=45.0)
PORTAL_SCAN_S = env.float("PORTAL_SCAN_S", default=3.0)
PORTAL_POLL_S = env.float("PORTAL_POLL_S", default=0.25)
PORTAL_WATCH_S = env.float("PORTAL_WATCH_S", default=30.0)
PORTAL_DRIFT_RULES = env.list("PORTAL_DRIFT_RULES", default=[])
PORTAL_PREVIEW_PROOF = env.str("PORTAL_PREVIEW_PROOF", default="")
PORTAL_PREVIEW_HOURS = env.float("PORTAL_PREVIEW_HOURS", default=72.0)
PORTAL_CLONE_DAYS = env.int("PORTAL_CLONE_DAYS", default=30)
PORTAL_CLONE_OWN_ONLY = env.bool("PORTAL_CLONE_OWN_ONLY", default=False)
PORTAL_VERIFY_HOURS = env.float("PORTAL_VERIFY_HOURS", default=24.0)
PORTAL_RUNS_PER_HMC = env.int("PORTAL_RUNS_PER_HMC", default=8)
PORTAL_RUNS_PER_SYSTEM = env.int("PORTAL_RUNS_PER_SYSTEM", default=4)
PORTAL_RUNS_PER_TEAM = env.int("PORTAL_RUNS_PER_TEAM", default=32)
PORTAL_API_PER_MINUTE = env.int("PORTAL_API_PER_MINUTE", default=600)
PORTAL_LOOKS_PER_HMC = env.int("PORTAL_LOOKS_PER_HMC", default=4)
PORTAL_LOOKS_AT_ONCE = env.int("PORTAL_LOOKS_AT_ONCE", default=16)

DJANGO_TABLES2_TEMPLATE = "components/table.html"
DJANGO_TABLES2_PAGE_RANGE = 5

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.access.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "portal.access.api.limit.CallLimit",
        "portal.access.api.scopes.ScopePermission",
    ],
    "DEFAULT_PAGINATION_CLASS": "portal.web.api.pages.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "portal.web.api.refusals.refuse",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.web.api.parsers.BoundedJSONParser"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Live Update portal",
    "VERSION": "1",
    "DESCRIPTION": (
        "What the pages show and do, for programs: with the same rights, the same rules, the same ledger. "
        "Refusals are problem documents (RFC 9457) with `code`, `detail` and `remedy`."
    ),
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        "CampaignState": "liveupdate.states.CampaignState",
        "CommandState": "liveupdate.models.RunCommand.State",
        "FindingState": "liveupdate.readiness.base.FindingState",
        "RequestState": "liveupdate.states.RequestState",
        "RunState": "liveupdate.states.RunState",
        "StepState": "liveupdate.states.StepState",
        "WaveState": "liveupdate.states.WaveState",
        "Verdict": "inventory.filters.VERDICTS",
    },
}
LOGGING_CONFIG = "portal.logs.configure"
LOGGING: dict[str, Any] = {"level": env.str("LOG_LEVEL", default="INFO")}
