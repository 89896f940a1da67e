from openreturns.testing import contract_suite

TestUbl = contract_suite("ubl", level="documents")
