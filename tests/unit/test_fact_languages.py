"""Outputs in another language: refused, or read as in English; never read as something else.

Every AIX command is sent with LC_ALL=C, but a wrapper may set another locale, and an HMC speaks the
language of its user. The words below are those of catalogs that print in place of the English ones.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from inventory.captures import plain
from inventory.facts.base import Output, Unparsable
from inventory.formats.base import Format
from inventory.formats.catalogue import FORMATS
from inventory.formats.spelling import invocation
from tests.yaml_data import load

DATA = Path(__file__).parent.parent / "data"
LANGUAGES = {
    "french": {
        "Filesystem": "Système de fichiers",
        "Free": "Libre",
        "Mounted on": "Monté sur",
        "mounted over": "monté sur",
        "Available": "Disponible",
        "Defined": "Défini",
        "Stopped": "Arrêté",
        "COMMITTED": "VALIDE",
        "Fileset": "Ens. fich.",
        "Level": "Niveau",
        "active": "actif",
        "inoperative": "inopérant",
        "inactive": "inactif",
        "VOLUME GROUP": "GROUPE DE VOLUMES",
        "PV STATE": "ETAT PV",
        "LV STATE": "ETAT LV",
        "open": "ouvert",
        "closed": "fermé",
        "syncd": "synchro",
        "stale": "périmé",
        "megabyte": "mégaoctet",
        "Partition Name": "Nom de la partition",
        "Node Name": "Nom du noeud",
        "Total Paging Space": "Espace de pagination total",
        "running": "en cours",
        "stopped": "arrêté",
        "auditing on": "audit activé",
        "auditing off": "audit désactivé",
        "Subsystem": "Sous-système",
        "IDENTIFIER": "IDENTIFICATEUR",
        "DESCRIPTION": "LIBELLE",
        "LABEL": "ETIQUETTE",
        "Address": "Adresse",
        "User name": "Utilisateur",
        "Enabled": "Activé",
        "Failed": "Défaillant",
        "There is no efix data on this system.": "Aucune donnée efix sur ce système.",
        "No results were found.": "Aucun résultat trouvé.",
        "were found": "ont été trouvés",
        "Text address": "Adresse texte",
        "yes": "oui",
        "True": "Vrai",
        "False": "Faux",
        "Release": "Edition",
    },
    "polish": {
        "Running": "Działa",
        "Operating": "Działający",
        "Not Activated": "Nieaktywowana",
        "Active": "Aktywne",
        "Status": "Stan",
        "State": "Stan",
        "Name": "Nazwa",
        "Size": "Wielkość",
        "Type": "Typ",
        "Mode": "Tryb",
        "Device": "Urządzenie",
        "Partition:": "Partycja:",
        "Release:": "Wydanie:",
        "Service Pack": "Pakiet serwisowy",
        "No results were found.": "Nie ma takich.",
    },
    "japanese": {
        "Available": "使用可能",
        "Defined": "定義済み",
        "Mounted on": "マウント先",
        "mounted": "マウント済み",
        "Fileset": "ファイルセット",
        "active": "アクティブ",
        "inoperative": "作動不能",
        "PV_NAME": "PV 名",
        "LV NAME": "LV 名",
        "PACKAGE": "パッケージ",
        "Management Domain Status": "管理ドメインの状況",
    },
}


def in_language(text: str, words: dict[str, str]) -> str:
    pattern = "|".join(rf"(?<![\w=]){re.escape(word)}(?!\w)" for word in sorted(words, key=len, reverse=True))
    return re.sub(pattern, lambda match: words[match[0]], text)


def read(each: Format, case: dict[str, Any], stdout: str, stderr: str) -> Any:
    given = invocation(case.get("command", each.commands[0]))
    try:
        return plain(each.read(Output(stdout, stderr, case.get("status", 0)), given))
    except Unparsable:
        return Unparsable


def same_but_for_words(found: Any, expected: Any, words: dict[str, str]) -> bool:
    """Whether a value differs only in texts that were translated with the output."""
    if isinstance(expected, str):
        return found in (expected, in_language(expected, words))
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(lambda a, b: same_but_for_words(a, b, words), found, expected))
        )
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            same_but_for_words(a, b, words) for a, b in zip(found.values(), expected.values(), strict=True)
        )
    return found == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_another_language_is_refused_or_read_alike(each: Format, language: str) -> None:
    words = LANGUAGES[language]
    for path in [*DATA.glob(f"facts/{each.name}/*.yaml"), *DATA.glob(f"formats/{each.name}/*.yaml")]:
        case = load(path)
        stdout, stderr = (in_language(case.get(stream, ""), words) for stream in ("stdout", "stderr"))
        if "value" not in case or (stdout, stderr) == (case["stdout"], case.get("stderr", "")):
            continue
        found = read(each, case, stdout, stderr)
        assert found is Unparsable or same_but_for_words(
            found, read(each, case, case["stdout"], case.get("stderr", "")), words
        ), path.stem
