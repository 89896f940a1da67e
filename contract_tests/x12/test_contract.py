from openreturns.testing import contract_suite

TestX12 = contract_suite("x12", level="documents")
