"""What members say about a coffee: three taps in the chat where they were told of it."""

from handlers.community.feedback.asking import ROUTES

__all__ = ["ROUTES"]
