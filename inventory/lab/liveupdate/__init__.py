"""Live Update as the lab plays it: requirements, install part, phases, cleanup."""
