from openreturns.testing import contract_suite

TestShipBob = contract_suite("shipbob")
