"""One file per group of operations. A module here that holds a `GROUP` is served, nothing else knows it."""
