from openreturns.testing import contract_suite

TestEpcis = contract_suite("epcis", level="documents")
