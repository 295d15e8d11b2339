"""People at the console: Ines, and who works beside her."""

from __future__ import annotations

import time

from flask import Flask
from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import Role, Staff
from intake.usecases.staff import StaffRole
from tests.console.desk import ADDRESS, Desk


def a_colleague(store: Store, name: str = "Omar Diaz", role: StaffRole = StaffRole.INTAKE,
                password_hash: str | None = None) -> int:
    """A person with a role; returns their id."""
    with store.transaction() as session:
        found = session.scalar(select(Role).where(Role.name == role.value)) or Role(name=role.value)
        first = name.split()[0].lower()
        staff = Staff(email=f"{first}@example.org", name=name, password=password_hash, fs_uniquifier=f"{first}-1",
                      roles=[found])
        session.add(staff)
        session.flush()
        return staff.id


def desk_of(app: Flask, first_name: str) -> Desk:
    """The desk of a colleague whose session has just begun."""
    desk = Desk(app)
    with desk.client.session_transaction(base_url=ADDRESS) as session:
        session.update({"_user_id": f"{first_name.lower()}-1", "_fresh": True, "began": time.time(), "seen": time.time()})
    desk.get("/account")
    return desk
