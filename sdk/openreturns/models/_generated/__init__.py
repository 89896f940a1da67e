"""Classes generated from the schemas; import them from `openreturns.models`."""
