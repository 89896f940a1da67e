"""What mappings want computed, a module a document: plain functions, no clock, no I/O."""
