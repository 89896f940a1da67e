from openreturns.testing import contract_suite

TestAvaTax = contract_suite("avatax")
