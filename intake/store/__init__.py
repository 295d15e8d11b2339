"""What Growline remembers: PostgreSQL through SQLAlchemy, with everything about a family encrypted column by column.

``models`` are the tables, ``encryption`` the key ring and column types, ``connection`` opens the database, ``jobs`` defers
work inside the caller's own transaction.
"""
