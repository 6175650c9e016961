"""The ASGI application that the web server runs."""

import os

from django.core.asgi import get_asgi_application

from portal.web.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
LARGEST_BODY = 6 * 1024 * 1024
"""Bytes of a request: an inventory file of the largest size, and the form around it."""

application = BodyLimit(get_asgi_application(), LARGEST_BODY)
