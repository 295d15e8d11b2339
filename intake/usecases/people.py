"""Looks after the people at the console: who is there, one-time links, roles, locks, second factors.

Nobody sets a password for another: a link of one use lets the person choose it. Every change ends that person's sessions,
leaves a line in the audit trail, and leaves at least one administrator who can sign in. The changes of one moment follow
each other, so that two administrators cannot lock each other out at once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, selectinload

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Role, Staff, StaffIdentity, StaffLink, StaffWebauthn
from intake.usecases.second_factors import forget_second_factor
from intake.usecases.sight import limit_to
from intake.usecases.single_sign_on import bound_people, forget
from intake.usecases.staff import (
    OPERATOR,
    StaffRole,
    actor_of,
    check_password,
    checked_person,
    checked_role,
    hash_password,
    new_staff,
    new_uniquifier,
    role_row,
)

LINK_HOURS = 24
_DETAIL_LONGEST = 120  # characters of an audit line's detail
_TOKEN_BYTES = 32
_ONE_CHANGE_AT_A_TIME = 0x70656F70  # an advisory lock, held until the transaction ends


class PersonNotChanged(ValueError):
    """A person is not changed; the message says why, ``code`` says it to a program."""

    def __init__(self, code: str, remark: str) -> None:
        super().__init__(remark)
        self.code = code


@dataclass(frozen=True)
class Person:
    """A member of staff as administrators see them."""

    id: int
    name: str
    email: str
    role: str
    active: bool
    has_password: bool
    second_factor: bool
    last_sign_in: datetime | None
    link_until: datetime | None
    single_sign_on: bool


@dataclass(frozen=True)
class OneTimeLink:
    """A fresh link to choose a password with. Its token is nowhere else: only a hash of it is kept."""

    staff: int
    token: str
    until: datetime


def people(store: Store) -> list[Person]:
    """Everybody who has an account, by name."""
    query = select(Staff).options(selectinload(Staff.roles)).order_by(func.lower(Staff.name), Staff.id)
    with store.reading() as session:
        links, with_keys, bound = _open_links(session), _with_keys(session), bound_people(session)
        return [
            _person(staff, links.get(staff.id), has_key=staff.id in with_keys, bound=staff.id in bound)
            for staff in session.scalars(query)
        ]


def person(store: Store, staff: int) -> Person | None:
    """One member of staff, or None."""
    with store.reading() as session:
        found = session.get(Staff, staff, options=[selectinload(Staff.roles)])
        if found is None:
            return None
        has_key, bound = found.id in _with_keys(session), found.id in bound_people(session)
        return _person(found, _open_links(session).get(found.id), has_key=has_key, bound=bound)


def id_of(store: Store, email: str) -> int | None:
    """The id of the person with this e-mail address, or None."""
    with store.reading() as session:
        return session.scalar(select(Staff.id).where(func.lower(Staff.email) == email.strip().lower()))


def invite(store: Store, email: str, name: str, role: str, *, by: int | None) -> OneTimeLink:
    """Adds a person without a password and makes their link. ``by`` is the administrator, None the operator.

    Raises StaffNotAdded when the address is taken or none, the name empty or the role unknown.
    """
    email, name, known = checked_person(email, name, role)
    with store.transaction() as session:
        _wait_for_others(session)
        staff = new_staff(session, email, name, known, password=None, actor=_actor(by))
        return _new_link(session, staff)


def add_without_link(store: Store, email: str, name: str, role: str, *, by: int | None) -> int:
    """Adds a person who signs in by way of the identity provider only; returns their id. Raises StaffNotAdded."""
    email, name, known = checked_person(email, name, role)
    with store.transaction() as session:
        _wait_for_others(session)
        return new_staff(session, email, name, known, password=None, actor=_actor(by)).id


def renew_link(store: Store, staff: int, *, by: int | None) -> OneTimeLink:
    """Takes a person's password away and makes a link to choose another; links made before are worth nothing."""
    with _changing(store, staff, by, "staff.link_made") as (session, found):
        if not found.active:
            raise PersonNotChanged("locked", "this person is locked; unlock them first")
        found.password = None
        return _new_link(session, found)


def change_role(store: Store, staff: int, role: str, *, by: int | None) -> None:
    """Gives a person another role; raises StaffNotAdded when there is no such role."""
    wanted = checked_role(role)
    with _changing(store, staff, by, "staff.role_changed", detail=wanted.value) as (session, found):
        if wanted is not StaffRole.ADMINISTRATOR:
            _keep_an_administrator(session, found)
        found.roles = [role_row(session, wanted)]


def lock(store: Store, staff: int, *, by: int | None) -> None:
    """Keeps a person out; their open link is worth nothing."""
    with _changing(store, staff, by, "staff.locked") as (session, found):
        _keep_an_administrator(session, found)
        found.active = False
        _close_links(session, found.id)


def unlock(store: Store, staff: int, *, by: int | None) -> None:
    """Lets a person sign in again."""
    with _changing(store, staff, by, "staff.unlocked") as (_, found):
        found.active = True


def reset_second_factor(store: Store, staff: int, *, by: int | None) -> None:
    """Takes a person's second factor away, for example because the phone is lost."""
    with _changing(store, staff, by, "staff.second_factor_reset") as (session, found):
        forget_second_factor(session, found)


def forget_identity(store: Store, staff: int, *, by: int | None) -> None:
    """Lets a person sign in with another account of the identity provider, the next time, by their address."""
    with _changing(store, staff, by, "staff.identity_forgotten") as (session, found):
        forget(session, found.id)


def limit_to_programs(store: Store, staff: int, programs: Iterable[str], *, by: int | None) -> None:
    """Limits what a person sees to the cases of ``programs``; to none: they see all again."""
    wanted = sorted(set(programs))
    with _changing(store, staff, by, "staff.programs_changed", detail=_listed(wanted)) as (session, found):
        limit_to(session, found.id, wanted)


def _listed(programs: list[str]) -> str:
    """Ids as an audit line holds them: as many as fit into it, and how many there are."""
    whole = ", ".join(programs) or "all"
    return whole if len(whole) <= _DETAIL_LONGEST else f"{len(programs)}: {whole}"[:_DETAIL_LONGEST]


def email_of_link(store: Store, token: str) -> str | None:
    """Whose link this is; None when it was used, is too old or there is none."""
    with store.reading() as session:
        link = _open_link(session, token)
        return None if link is None else session.get_one(Staff, link.staff_id).email


def choose_password(store: Store, token: str, password: str) -> bool:
    """Lets the person of a link choose a password; False when the link was used, is too old or there is none.

    Raises PasswordRefused, and the link stays good.
    """
    with store.transaction() as session:
        _wait_for_others(session)
        link = _open_link(session, token)
        if link is None:
            return False
        staff = session.get_one(Staff, link.staff_id)
        check_password(password, staff.email, staff.name)
        staff.password = hash_password(store.keys, password)
        staff.fs_uniquifier = new_uniquifier()
        _close_links(session, staff.id)
        write_audit(session, actor_of(staff.id), "staff.password_chosen", "staff", staff.id)
        return True


@contextmanager
def _changing(
    store: Store, staff: int, by: int | None, action: str, detail: str | None = None
) -> Iterator[tuple[Session, Staff]]:
    """A change of one person: nobody changes themselves here, the sessions end, a line is left."""
    if staff == by:
        raise PersonNotChanged("own_account", "nobody changes their own account; another administrator does")
    with store.transaction() as session:
        _wait_for_others(session)
        found = session.get(Staff, staff)
        if found is None:
            raise PersonNotChanged("unknown", "there is no such person")
        yield session, found
        found.fs_uniquifier = new_uniquifier()
        write_audit(session, _actor(by), action, "staff", staff, detail=detail)


def _wait_for_others(session: Session) -> None:
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_CHANGE_AT_A_TIME})


def _actor(by: int | None) -> str:
    return OPERATOR if by is None else actor_of(by)


def _keep_an_administrator(session: Session, staff: Staff) -> None:
    """Raises PersonNotChanged when without this person no administrator could sign in."""
    others = select(Staff.id).join(Staff.roles).where(
        Role.name == StaffRole.ADMINISTRATOR.value, Staff.active, Staff.id != staff.id,
        or_(Staff.password.is_not(None), Staff.id.in_(select(StaffIdentity.staff_id))),
    )
    is_one = any(role.name == StaffRole.ADMINISTRATOR.value for role in staff.roles)
    if is_one and staff.active and session.scalars(others).first() is None:
        raise PersonNotChanged("last_administrator", "this is the last administrator who can sign in")


def _new_link(session: Session, staff: Staff) -> OneTimeLink:
    _close_links(session, staff.id)
    token, until = secrets.token_urlsafe(_TOKEN_BYTES), datetime.now(UTC) + timedelta(hours=LINK_HOURS)
    session.add(StaffLink(staff_id=staff.id, token_hash=_hash(token), until=until))
    session.flush()
    return OneTimeLink(staff.id, token, until)


def _close_links(session: Session, staff: int) -> None:
    session.execute(
        update(StaffLink).where(StaffLink.staff_id == staff, StaffLink.closed_at.is_(None)).values(closed_at=datetime.now(UTC))
    )


def _open_link(session: Session, token: str) -> StaffLink | None:
    query = select(StaffLink).join(Staff, Staff.id == StaffLink.staff_id).where(
        StaffLink.token_hash == _hash(token), StaffLink.closed_at.is_(None), StaffLink.until > datetime.now(UTC), Staff.active
    )
    return session.scalars(query).one_or_none()


def _open_links(session: Session) -> dict[int, datetime]:
    query = select(StaffLink).where(StaffLink.closed_at.is_(None), StaffLink.until > datetime.now(UTC))
    return {link.staff_id: link.until for link in session.scalars(query)}


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()


def _with_keys(session: Session) -> set[int]:
    return set(session.scalars(select(StaffWebauthn.staff_id).distinct()))


def _person(staff: Staff, link_until: datetime | None, *, has_key: bool, bound: bool) -> Person:
    return Person(
        staff.id, staff.name, staff.email, ", ".join(role.name for role in staff.roles), staff.active,
        staff.password is not None, staff.tf_primary_method is not None or has_key, staff.last_login_at, link_until, bound,
    )
