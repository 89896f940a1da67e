from openreturns.testing import contract_suite

TestOnx = contract_suite("onx", level="documents")
