"""Facts read from an HMC: one command and its parser per file."""
