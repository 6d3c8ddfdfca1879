"""What all our pages share: scripts, and how a page becomes one file that needs nothing else."""
