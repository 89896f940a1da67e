"""Return-to-credit over any adapters: durable, with approvals, replay, dead letters. Needs `openreturns[process]`."""
