"""Commands of the NIM master."""
