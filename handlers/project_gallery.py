"""Pictures of a project: contract 2.7. They are added and deleted; the backend changes none."""

from __future__ import annotations

from api.projects import Gallery
from locales.locale import Locale
from models.access import Module, Permission
from models.project import ProjectPicture
from resources.fields import Photo, Text
from resources.resource import READS, ListView, Op, Resource


def title(picture: ProjectPicture, locale: Locale) -> str:
    """What stands under the picture, else its number."""
    return picture.description or locale.t("project_gallery.untitled", id=picture.id)


GALLERY: Resource[ProjectPicture] = Resource(
    module=Module.PROJECTS,
    key="project_gallery",
    code="pg",
    icon="🖼",
    model=ProjectPicture,
    source=Gallery,
    parent="pr",
    needs={**READS, Op.CREATE: Permission.UPDATE, Op.DELETE: Permission.UPDATE},
    title=title,
    fields=(
        Photo(name="image_url", required=True, editable=False, at_create=True),
        Text(name="description", editable=False, max_len=500),
    ),
    list=ListView(line=title),
    card=("image_url",),
    form=("image_url", "description"),
)
