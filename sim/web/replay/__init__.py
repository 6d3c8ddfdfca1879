"""The replay: one campaign on a map, forwards and backwards, with what happened and why, in one page."""
