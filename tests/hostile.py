"""Hostile text in every column that people or hosts can fill."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models

KEPT = {
    "account", "looking_account", "digest", "fact", "key", "launch_key", "owner", "password", "procedure",
    "stdout_digest", "stderr_digest", "uid", "uuid", "fingerprint", "public_id", "slug", "ending", "phase",
    "document",
}  # fmt: skip
"""Columns whose values are our own words or whose form the code relies on."""


def spoil_rows(texts: Sequence[str]) -> int:
    """Put the texts by turns into every free text column, told apart by a number; how many were put."""
    number = count()
    for label in ("access", "inventory", "liveupdate"):
        for model in apps.get_app_config(label).get_models():
            columns = list(free_texts(model))
            for row in model._default_manager.all():
                for column in columns:
                    place = next(number)
                    told, text = str(place), texts[place % len(texts)]
                    value = text[: column.max_length and column.max_length - len(told)] + told
                    model._default_manager.filter(pk=row.pk).update(**{column.name: value})
    return next(number)


def free_texts(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """The columns of a model that hold text without a form of its own."""
    together = {name for constraint in model._meta.constraints for name in getattr(constraint, "fields", ())}
    for column in model._meta.get_fields():
        is_text = isinstance(column, models.CharField | models.TextField)
        if is_text and not column.choices and column.name not in KEPT | together and not column.primary_key:
            yield column
