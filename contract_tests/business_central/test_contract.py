from openreturns.testing import contract_suite

TestBusinessCentral = contract_suite("business_central", level="documents")
