"""How the estate is reached: SSH endpoints, their network's moods, and the socket of the commands."""
