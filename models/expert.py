"""Experts: contract section 2.13, shapes ExpertList and ExpertDetail."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from models.common import Record, UtcDateTime


class Study(BaseModel):
    """One line of an expert's education."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    university: str
    start_date: UtcDateTime
    end_date: UtcDateTime | None = None
    specialization: str | None = None
    degree: str | None = None
    certificates: str | None = None


class Job(BaseModel):
    """One line of an expert's experience."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    company_name: str
    position: str
    start_date: UtcDateTime
    end_date: UtcDateTime | None = None
    work_description: str | None = None


class Expert(Record):
    """An expert of the public register. ``ExpertList`` rows carry neither times nor rows: those stay None and empty.

    ``avatar`` is always None: the backend stores the picture and never gives it back.
    """

    full_name: str
    specialization: str
    phone: str | None = None
    website: str | None = None
    city: str | None = None
    address: str | None = None
    avatar: str | None = None
    education: tuple[Study, ...] = ()
    experience: tuple[Job, ...] = ()
    created_at: UtcDateTime | None = None
    updated_at: UtcDateTime | None = None
