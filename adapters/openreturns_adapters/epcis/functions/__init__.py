"""What the mappings want computed, a module a direction: plain functions, no clock, no I/O."""
