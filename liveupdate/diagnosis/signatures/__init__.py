"""The known traces of failures: each module's SIGNATURES belong to the catalogue."""
