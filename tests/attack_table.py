"""`python -m tests.attack_table`: write docs/attack-matrix.md from the table that the tests play."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from tests.integration.test_attack_matrix import TABLE, table

    TABLE.write_text(table(), encoding="utf-8")
