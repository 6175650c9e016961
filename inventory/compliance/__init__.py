"""Is an LPAR at the level that is asked of it, and to which published faults is it exposed? Pure."""
