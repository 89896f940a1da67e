"""Plain functions of the mappings, by what they are about."""
