from openreturns.testing import contract_suite

TestTryton = contract_suite("tryton", level="documents")
