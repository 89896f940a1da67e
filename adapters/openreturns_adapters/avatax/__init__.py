"""Avalara AvaTax (tax): the tax side of a credit."""
