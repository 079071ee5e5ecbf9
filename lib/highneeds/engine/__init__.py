"""Many reports: which are to be made, each in a process of its own, here or on a cluster, and what came of each."""
