"""What a NIM master says of itself and of the environment it serves."""
