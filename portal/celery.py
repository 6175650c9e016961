"""Celery, used as a doorbell: a message names a run and nothing more; the database holds the truth.

Early acknowledgement, no second delivery, no retry, no results, JSON only, no remote control
(threats T22, T23). From Redis only what `liveupdate.doorbell` lets through is taken.
"""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

TRANSPORT_ALIASES.update(redis="liveupdate.doorbell:Transport", rediss="liveupdate.doorbell:Transport")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=False,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_pool_acquire_timeout=2,
    broker_transport_options={
        "global_keyprefix": "lu:",
        "ack_emulation": False,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
)
app.autodiscover_tasks(["inventory", "liveupdate"])
