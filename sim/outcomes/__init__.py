"""What can be measured in a campaign."""
