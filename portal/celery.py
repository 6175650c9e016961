"""Celery, used as a doorbell: a message names a run and nothing more; the database holds the truth.

Early acknowledgement, no retry, no results, JSON only, no remote control (threats T22, T23).
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

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
    broker_pool_acquire_timeout=2,
    broker_transport_options={"global_keyprefix": "lu:", "socket_timeout": 5, "socket_connect_timeout": 2},
)
app.autodiscover_tasks(["inventory", "liveupdate"])
