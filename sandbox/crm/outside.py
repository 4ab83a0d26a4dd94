"""What lies outside of the backend: Telegram and a mail provider. Nothing is really sent from the sandbox."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mail:
    recipient: str
    subject: str
    body_html: str


@dataclass
class Outside:
    """Whether the backend has a bot token and a mail provider, and who cannot be reached by them."""

    telegram: bool = True
    mail: bool = True
    # Telegram ids of those who blocked the bot, and addresses that the provider refuses.
    blocked: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    mails: list[Mail] = field(default_factory=list)

    def send_mail(self, recipient: str, subject: str, body_html: str) -> bool:
        """True when the provider took it; what it took can be looked at in `mails`."""
        if not self.mail or recipient in self.refused:
            return False
        self.mails.append(Mail(recipient, subject, body_html))
        return True
