"""Foreign libraries and the machine: runtimes kept quiet, work on all cores, resuming."""
