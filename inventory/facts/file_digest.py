"""Digests of the files that decide what an lpp_source installs."""

from dataclasses import dataclass

WHAT_COUNTS = ("(", "-name", ".toc", "-o", "-name", "*.epkg.Z", ")")
"""`find`'s words for the table of contents and the interim fixes."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file by its absolute path, and the SHA-256 of its content in lower-case hexadecimal."""

    path: str
    sha256: str
