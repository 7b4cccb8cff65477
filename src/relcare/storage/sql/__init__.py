"""Books in a database that SQLAlchemy speaks to: PostgreSQL, or SQLite beside a host's own tables. Needs the extra `sql`.

The driver is the host's choice; for PostgreSQL take psycopg: `pip install 'psycopg[binary]'`.
"""

from relcare.storage.sql import _extra as _extra  # first: it names the extra where SQLAlchemy is missing

# isort: split
from relcare.storage.sql._store import SqlStore
from relcare.storage.sql._tables import Tables, tables_of

__all__ = ["SqlStore", "Tables", "tables_of"]
