"""What runs on the hosts' side: the shell that keeps paths inside a host's root, and the light
client that every simulated command is. Both are also run by themselves, with nothing but the
standard library."""
