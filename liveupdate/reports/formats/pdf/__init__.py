"""A report as PDF, to hand over: the same report gives the same bytes."""
