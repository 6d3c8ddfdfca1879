"""The report: what an ensemble says, how sure it is and what it rests on, to be read, printed or kept."""
