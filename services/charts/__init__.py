"""Charts: what is drawn, the process that draws it, and the pictures that come of it."""
