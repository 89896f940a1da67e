"""What the mapping wants computed, a module a topic, both directions in it: plain functions, no clock, no I/O."""
