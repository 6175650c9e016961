"""Who asks the API, what they may do there, and the addresses of this room."""
