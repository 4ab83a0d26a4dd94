"""News: contract 2.9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from api.news import LENGTHS, News
from handlers.news.screens import categories, line, preview, slots, subtitle, title, top
from models.access import Module, Permission
from models.news import Article, NewsStatus, Origin
from resources.fields import Choice, DateTime, Link, LongText, Number, Photo, Text, moment_of
from resources.resource import MODERATED, Action, Deed, Filter, ListView, Mood, Resource, Tool, Waiting

TITLES = ("title_kz", "title_ru", "title")


def untitled(values: Mapping[str, Any]) -> bool:
    """True as long as a form has a title in neither language: then it asks for one without."""
    return not (values.get("title_kz") or values.get("title_ru"))


def begun(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a language is written in, or a source named, at all: whoever skips its first field is not asked on."""
    return lambda values: bool(values.get(name))


def begun_without(values: Mapping[str, Any]) -> bool:
    """True when the article is written without a language."""
    return untitled(values) and bool(values.get("title"))


def never(values: Mapping[str, Any]) -> bool:
    """False: the backend dates a new article itself; only an existing one is dated otherwise."""
    return False


def is_scheduled(values: Mapping[str, Any]) -> bool:
    """True when a time is to be picked: for a new article that is to wait, and always for the deed."""
    return bool(values.get("status", NewsStatus.SCHEDULED) == NewsStatus.SCHEDULED)


def check(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with an article: no title in any language, or a time that passed while the form lay open."""
    if not any(values.get(name) for name in TITLES):
        return "title_kz", "news.error.no_title"
    moment = values.get("publish_at") if is_scheduled(values) else None
    late = moment is not None and moment_of(moment) <= datetime.now(UTC)
    return ("publish_at", "field.error.past") if late else None


def unpublished(article: Article) -> bool:
    """True while it can be published or scheduled; what is published stays so (contract 2.9)."""
    return article.status != NewsStatus.PUBLISHED


def published(article: Article, values: Mapping[str, Any]) -> bool:
    """True once it is published."""
    return article.status == NewsStatus.PUBLISHED


def waiting(article: Article) -> bool:
    """True while it waits for its hour."""
    return article.status == NewsStatus.SCHEDULED


def waits_for(article: Article, values: Mapping[str, Any]) -> bool:
    """True when it waits for just that hour."""
    return waiting(article) and article.publish_at == moment_of(values["publish_at"])


def back_in_drafts(article: Article, values: Mapping[str, Any]) -> bool:
    """True once it is a draft again."""
    return article.status == NewsStatus.DRAFT


PUBLISH_AT = DateTime(name="publish_at", required=True, future=True, editable=False, when=is_scheduled)

NEWS: Resource[Article] = Resource(
    module=Module.NEWS,
    key="news",
    code="nw",
    icon="📰",
    model=Article,
    source=News,
    waiting=Waiting(),
    announced=True,
    needs=MODERATED,
    title=title,
    subtitle=subtitle,
    check=check,
    fields=(
        Text(name="title_kz", max_len=LENGTHS["title_kz"]),
        LongText(name="description_kz", when=begun("title_kz")),
        LongText(name="content_text_kz", when=begun("title_kz")),
        Text(name="title_ru", max_len=LENGTHS["title_ru"]),
        LongText(name="description_ru", when=begun("title_ru")),
        LongText(name="content_text_ru", when=begun("title_ru")),
        Text(name="title", max_len=LENGTHS["title"], when=untitled),
        LongText(name="description", when=begun_without),
        LongText(name="content_text", when=begun_without),
        Photo(name="photo_url", at_create=True),
        Text(name="category", max_len=LENGTHS["category"]),
        DateTime(name="date", required=True, when=never),
        # Which of them may follow which is the business of the deeds: one cannot go back from "published".
        Choice(name="status", required=True, editable=False, options=NewsStatus, texts="news_status"),
        PUBLISH_AT,
        # The update route leaves the source as it is.
        Text(name="source_name", max_len=LENGTHS["source_name"], editable=False),
        Link(
            name="source_url", max_len=LENGTHS["source_url"], editable=False, when=begun("source_name")
        ),
        DateTime(name="published_at", editable=False),
        Choice(name="origin", options=Origin, texts="news_origin", editable=False),
        Text(name="language", editable=False),
        Text(name="keywords_matched", editable=False),
        Number(name="view_count", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("moderation_status", ("pending", "approved", "rejected")),
            Filter("status", tuple(NewsStatus), texts="news_status"),
            Filter("missing", ("kk", "ru")),
            Filter("origin", tuple(Origin), texts="news_origin"),
        ),
        sorts=("", "news_publish", "news_views"),
    ),
    card=(
        "photo_url", "status", "published_at", "date", "category", "view_count", "origin",
        "source_name", "source_url", "language", "keywords_matched",
        "title_kz", "title_ru", "title",
        "description_kz", "content_text_kz", "description_ru", "content_text_ru", "description", "content_text",
    ),
    form=(
        "title_kz", "description_kz", "content_text_kz", "title_ru", "description_ru", "content_text_ru",
        "title", "description", "content_text", "photo_url", "category", "source_name", "source_url",
        "status", "publish_at", "date",
    ),
    actions=(Action("preview", "pv", Permission.READ, preview, icon="👀"),),
    deeds=(
        Deed(
            "announce", "an", Permission.MODERATE, icon="📣", mood=Mood.GOOD, confirm=True,
            offered=unpublished, reached=published,
        ),
        Deed(
            "publish_now", "pu", Permission.MODERATE, icon="📢", mood=Mood.GOOD, confirm=True,
            offered=unpublished, reached=published,
        ),
        Deed(
            "schedule", "sd", Permission.MODERATE, (PUBLISH_AT,), icon="🕒",
            offered=unpublished, reached=waits_for,
        ),
        Deed(
            "unschedule", "us", Permission.MODERATE, icon="📝", confirm=True,
            offered=waiting, reached=back_in_drafts,
        ),
    ),
    tools=(
        Tool("slots", "sc", Permission.READ, slots, icon="🗓", calls=("day", "scheduled")),
        Tool("top", "tp", Permission.READ, top, icon="👁", calls=("top",)),
        Tool("categories", "ct", Permission.READ, categories, icon="🏷", calls=("categories",)),
    ),
)  # fmt: skip
