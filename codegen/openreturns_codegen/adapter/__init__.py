"""From a vendor's API description to an adapter: contract, mapping proposal, client, simulator, tests."""
