"""Reads a file of Open Referral HSDS 3.x as it stands: services with what belongs to them, or what is wrong with the file.

Fields that we do not take over may hold anything; those that we do must have the type that HSDS gives them.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from intake.content.hsds import TAXONOMY

LARGEST_FILE = 5_000_000  # bytes; a directory of a thousand programs has two million
_MOST_PROBLEMS = 20

Text = Annotated[str, StringConstraints(max_length=10_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class HsdsError(ValueError):
    """The file cannot be taken over; ``problems`` say why, each with its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class HsdsTerm(_Part):
    """The term of an attribute."""

    code: Text | None = None
    taxonomy: Text | None = None


class HsdsAttribute(_Part):
    """What HSDS has no field for."""

    value: Text | None = None
    taxonomy_term: HsdsTerm | None = None


class _WithAttributes(_Part):
    attributes: list[HsdsAttribute] | None = None

    def ours(self, code: str) -> list[str]:
        """The values of our own attributes of ``code``."""
        return [found.value for found in self.attributes or () if found.value and found.taxonomy_term is not None
                and (found.taxonomy_term.taxonomy, found.taxonomy_term.code) == (TAXONOMY, code)]


class HsdsPhone(_WithAttributes):
    """A number of a service."""

    number: Text
    type: Text | None = None
    description: Text | None = None


class HsdsSchedule(_Part):
    """When a service is open."""

    freq: Text | None = None
    byday: Text | None = None
    opens_at: Text | None = None
    closes_at: Text | None = None
    description: Text | None = None


class HsdsArea(_Part):
    """Where a service is available."""

    name: Text | None = None
    description: Text | None = None


class HsdsAddress(_Part):
    """A postal address."""

    address_1: Text | None = None
    city: Text | None = None
    state_province: Text | None = None
    postal_code: Text | None = None


class HsdsLocation(_Part):
    """A place."""

    name: Text | None = None
    addresses: list[HsdsAddress] | None = None


class HsdsAtLocation(_Part):
    """A service at a place."""

    location: HsdsLocation | None = None


class HsdsOrganization(_Part):
    """Who runs a service."""

    id: Id
    name: Text


class HsdsService(_WithAttributes):
    """One service."""

    id: Id
    name: Annotated[Text, StringConstraints(min_length=1)]
    status: Text = "active"
    alternate_name: Text | None = None
    description: Text | None = None
    url: Text | None = None
    email: Text | None = None
    application_process: Text | None = None
    eligibility_description: Text | None = None
    minimum_age: Annotated[float, Field(ge=0, le=130)] | None = None
    maximum_age: Annotated[float, Field(ge=0, le=130)] | None = None
    assured_date: Text | None = None
    last_modified: Text | None = None
    alert: Text | None = None
    organization: HsdsOrganization | None = None
    phones: list[HsdsPhone] | None = None
    schedules: list[HsdsSchedule] | None = None
    service_areas: list[HsdsArea] | None = None
    service_at_locations: list[HsdsAtLocation] | None = None


def read_hsds(path: Path) -> list[HsdsService]:
    """The services in the file ``path``. Raises HsdsError with what is wrong."""
    return services_of(_json(path))


def services_of(data: Any) -> list[HsdsService]:
    """The services in ``data``: a page of them, a list, or one. Raises HsdsError with what is wrong."""
    found, problems = [], []
    for at, node in enumerate(_nodes(data)):
        try:
            found.append(HsdsService.model_validate(node))
        except ValidationError as error:
            where = f"service {at + 1}{_called(node)}"
            problems += [f"{where}: {_place(detail['loc'])}: {detail['msg']}" for detail in error.errors()]
    times = Counter(service.id for service in found)
    problems += [f"the id {service_id!r} stands {count} times: each service needs its own" for service_id, count in times.items()
                 if count > 1]
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise HsdsError([*problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])])
    return found


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise HsdsError([f"the file is larger than {LARGEST_FILE // 1_000_000} MB: split it into several"])
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise HsdsError([f"the file cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise HsdsError(["the file is not UTF-8 text"]) from error
    except json.JSONDecodeError as error:
        raise HsdsError([f"line {error.lineno}: the file is not JSON: {error.msg}"]) from error
    except RecursionError as error:
        raise HsdsError(["the file is nested too deeply"]) from error
    except HsdsError:
        raise
    except ValueError as error:
        raise HsdsError(["the file holds a number that cannot be read"]) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _nodes(data: Any) -> list[Any]:
    if isinstance(data, dict) and "contents" in data:
        data = data["contents"]
    elif isinstance(data, dict) and "id" in data:
        data = [data]
    if not isinstance(data, list):
        raise HsdsError(["the file holds no services: a list of them, a page with 'contents', or one service is expected"])
    return data


def _called(node: Any) -> str:
    name = node.get("name") if isinstance(node, dict) else None
    return f" ({name[:60]!r})" if isinstance(name, str) and name else ""


def _place(where: tuple[int | str, ...]) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".") or "it"
