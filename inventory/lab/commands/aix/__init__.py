"""Commands of an AIX LPAR (and of the NIM master, which is AIX too)."""
