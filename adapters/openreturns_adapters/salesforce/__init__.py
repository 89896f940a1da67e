"""Salesforce (CRM): cases and return orders along the return."""
