"""The state of the simulated estate: typed, persistent, shared by every command."""
