"""The auditors' stand-alone verifier in parts: `verify.py` of a bundle is these files, one after the other.

Only the standard library of Python 3.8 is used here; names are unique across the files.
"""
