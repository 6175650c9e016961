"""Commands of the HMC; its restricted shell has names only."""
