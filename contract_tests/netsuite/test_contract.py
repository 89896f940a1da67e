from openreturns.testing import contract_suite

TestNetSuite = contract_suite("netsuite")
