"""What an ensemble says: outcomes, and how sure it is of them."""
