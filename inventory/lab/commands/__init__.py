"""The simulated commands: one small file per family; each answers from the world's state."""
