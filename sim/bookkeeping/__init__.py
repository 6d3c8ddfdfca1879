"""Bookkeeping: who is where, and the sums that rules ask for. It can be rebuilt from the state at any time."""
