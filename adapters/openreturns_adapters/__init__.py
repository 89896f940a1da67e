"""The adapters that ship with openreturns: one folder, one external system."""
