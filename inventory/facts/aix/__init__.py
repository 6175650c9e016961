"""Facts read from AIX: one command and its parser per file."""
