"""Django's registration of this room."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The `inventory` app."""

    name = "inventory"
    label = "inventory"
