"""What hosts know of the estate, read at once and compared with the inventory. Touches no database."""
