from openreturns.testing import contract_suite

TestRoundup = contract_suite("roundup", level="documents")
