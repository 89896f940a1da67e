"""What Tryton's records say between their fields: derived values, plain functions, no clock and no I/O."""
