from openreturns.testing import contract_suite

TestSalesforce = contract_suite("salesforce")
