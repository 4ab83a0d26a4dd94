"""Who meets whom: rounds of random coffee, and mentors for mentees. Pure functions of their input.

Begin with ``task.Task`` and ``apart.arranged`` (a round), ``swaps.swapped`` (by hand), ``mentorship.suggest``.
``networkx`` is imported by the solving files alone, which live in the worker process.
"""
