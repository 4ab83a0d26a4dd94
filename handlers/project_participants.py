"""Whom one can vote for in a project: contract 2.7. Votes are shown, and nothing here changes them."""

from __future__ import annotations

from api.projects import Participants
from locales.locale import Locale
from models.access import Module, Permission
from models.project import VotingParticipant
from resources.fields import Link, LongText, Number, Photo, Text
from resources.resource import READS, ListView, Op, Resource


def line(participant: VotingParticipant, locale: Locale) -> str:
    """``Name · 12 votes``."""
    count = participant.votes_count
    said = locale.t("project_participants.votes", n=count, count=locale.number(count))
    return f"{participant.name} · {said}"


PARTICIPANTS: Resource[VotingParticipant] = Resource(
    module=Module.PROJECTS,
    key="project_participants",
    code="pp",
    icon="🙋",
    model=VotingParticipant,
    source=Participants,
    parent="pr",
    shown_for=lambda project: project.is_voting,
    # Whoever may change a project may change who stands in it.
    needs={**READS, Op.CREATE: Permission.UPDATE, Op.EDIT: Permission.UPDATE, Op.DELETE: Permission.UPDATE},
    title=lambda participant, locale: participant.name,
    fields=(
        Text(name="name", required=True),
        LongText(name="description"),
        LongText(name="description_ru", editable=False),
        Photo(name="photo_url", removable=False),
        Link(name="video_url"),
        Link(name="instagram_url"),
        Link(name="facebook_url"),
        Link(name="linkedin_url"),
        Link(name="twitter_url"),
        Number(name="votes_count", editable=False),
    ),
    list=ListView(line=line),
    card=(
        "photo_url", "votes_count", "video_url", "instagram_url", "facebook_url", "linkedin_url", "twitter_url",
        "description", "description_ru",
    ),
    form=(
        "name", "description", "description_ru", "photo_url", "video_url", "instagram_url", "facebook_url",
        "linkedin_url", "twitter_url",
    ),
)  # fmt: skip
