"""The schema goes up and down on a real PostgreSQL and ends as the models say."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

from intake.store.connection import Store, driver_url
from intake.store.embedded import EmbeddedServer
from intake.store.models import Base
from intake.store.schema import is_current, migrate, undo


def _empty_database(server: EmbeddedServer, name: str) -> Engine:
    return create_engine(driver_url(server.database(name)))


def test_the_migrated_schema_is_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_ours})
        assert compare_metadata(context, Base.metadata) == []


def _is_ours(thing: object, name: str | None, kind: str, reflected: bool, compared_with: object) -> bool:
    return not (name or "").startswith("procrastinate_")


def test_migrations_go_up_and_all_the_way_down_and_up_again(server: EmbeddedServer) -> None:
    engine = _empty_database(server, "updown")
    migrate(engine)
    assert is_current(engine)
    undo(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine)
    assert is_current(engine)
    engine.dispose()


def test_each_migration_can_be_undone_by_itself(server: EmbeddedServer) -> None:
    engine = _empty_database(server, "stepwise")
    migrate(engine)
    for revision in ("0005", "0004", "0003", "0002", "0001"):
        undo(engine, revision)
        migrate(engine)
        assert is_current(engine)
    engine.dispose()
