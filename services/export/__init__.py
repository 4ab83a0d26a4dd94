"""Exports: what is ordered, how it is told apart from others' orders, and the sheet it becomes."""
