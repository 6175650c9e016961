"""Where checkpoints go so that whoever owns the database cannot take them back."""
