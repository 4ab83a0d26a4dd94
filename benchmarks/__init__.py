"""How fast the bot is: measured from outside, as a process, beside a floor build of the same work."""
