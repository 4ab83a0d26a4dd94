"""The form of an application project: contract 2.7.

Government may read projects but is refused forms, submissions and their figures (contract 5.2): there even looking
needs the right to change projects.
"""

from __future__ import annotations

from api.projects import FormTemplates
from locales.locale import Locale
from models.access import Module, Permission
from models.common import Localized
from models.project_form import FormTemplate
from resources.fields import Flag, LongText, Number, Text
from resources.resource import Deed, ListView, Mood, Op, Resource


def title(form: FormTemplate, locale: Locale) -> str:
    """The title in the person's language, else in the other one."""
    return Localized(kk=form.title_kz, ru=form.title_ru).best(locale.language)


def line(form: FormTemplate, locale: Locale) -> str:
    """The title, and whether the form is open."""
    state = locale.t("project_forms.open" if form.is_active else "project_forms.closed")
    return f"{title(form, locale)} · {state}"


FORMS: Resource[FormTemplate] = Resource(
    module=Module.PROJECTS,
    key="project_forms",
    code="pt",
    icon="📋",
    model=FormTemplate,
    source=FormTemplates,
    parent="pr",
    shown_for=lambda project: project.takes_applications,
    needs={
        Op.LIST: Permission.UPDATE,
        Op.CARD: Permission.UPDATE,
        Op.EXPORT: Permission.UPDATE,
        Op.CREATE: Permission.CREATE,
        Op.EDIT: Permission.UPDATE,
        Op.DELETE: Permission.DELETE,
    },
    title=title,
    fields=(
        Text(name="title_kz", required=True),
        Text(name="title_ru", required=True),
        LongText(name="description_kz"),
        LongText(name="description_ru"),
        Flag(name="is_active", editable=False, yes="project_forms.open", no="project_forms.closed"),
        Number(name="asked", editable=False),
    ),
    list=ListView(line=line, search=False, single=True),
    card=("is_active", "asked", "title_kz", "title_ru", "description_kz", "description_ru"),
    form=("title_kz", "title_ru", "description_kz", "description_ru"),
    deeds=(
        Deed(
            "activate", "av", Permission.UPDATE, icon="▶️", mood=Mood.GOOD,
            offered=lambda form: not form.is_active, reached=lambda form, _: form.is_active,
        ),
        Deed(
            "deactivate", "dv", Permission.UPDATE, icon="⏸", confirm=True,
            offered=lambda form: form.is_active, reached=lambda form, _: not form.is_active,
        ),
    ),
)  # fmt: skip
