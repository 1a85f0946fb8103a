"""What Alembic runs: the migrations of one room, on the connection that it was handed."""

from alembic import context

from kiosk.store import tables

_METADATA = {"identity": tables.identity, "vault": tables.vault}

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_METADATA[context.config.attributes["room"]],
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
