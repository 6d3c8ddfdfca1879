"""The state of a campaign as rows of one block of cells."""
