"""Salesforce as the service desk: cases, return orders, customers in good standing."""

from openreturns_adapters.salesforce.client._salesforce import Salesforce

__all__ = ["Salesforce"]
