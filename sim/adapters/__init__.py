"""Other libraries' views of a campaign."""
