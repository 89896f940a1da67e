from openreturns.testing import contract_suite

TestAdobeCommerce = contract_suite("adobe_commerce", level="documents")
