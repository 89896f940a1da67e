"""The published catalogue and documentation: `python -m openreturns_codegen.site OUT` in a checkout."""
