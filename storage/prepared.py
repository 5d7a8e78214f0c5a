"""Statements that are written once: compiled at their first use, and given to the driver as they are from then on.

SQLAlchemy says what they are, with their types and for both databases. To execute one through it costs several times
what SQLite's own work does, and an alert that comes in, climbs and is sent takes a hundred (docs/decisions/0015).
Whoever listens to statements (`before_cursor_execute`) hears of these too.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Select, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage import documents, pipelines
from storage.pipelines import Words

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
_MADE = "vigie: prepared statements"


class Found(list[Any]):
    """The rows of a result, read to the end. Their columns have names, as those of SQLAlchemy's rows."""

    rowcount = -1

    def first(self) -> Any:
        """The first row, None when there is none."""
        return self[0] if self else None

    def one(self) -> Any:
        """The only row."""
        (row,) = self
        return row

    def all(self) -> Found:
        return self

    def scalar(self) -> Any:
        """The first column of the first row, None when there is none."""
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalars(self) -> Found:
        """The first column of every row."""
        return Found([row[0] for row in self])


class Prepared(Executable):
    """A statement that is compiled once for each engine that it is executed on. `Connection.execute` takes it like any
    other, with one set of values or with a list of them."""

    def __init__(self, statement: Any, columns: Sequence[str] | None, *, is_heard: bool) -> None:
        self._statement = statement
        self._columns = columns
        self._is_heard = is_heard

    def _execute_on_connection(self, connection: Connection, sets: Sequence[Values], _: object) -> Any:
        """What `Connection.execute` calls on whatever it is given."""
        # With the dialect, and not here: what is ready knows its dialect, and is gone with it.
        made: dict[Prepared, _Ready] = vars(connection.dialect).setdefault(_MADE, {})
        ready = made.get(self)
        if ready is None:
            ready = made[self] = _Ready(self._statement, self._columns, connection.dialect, is_heard=self._is_heard)
        return ready.execute(connection, sets)


def prepared(statement: Any, columns: Sequence[str] | None = None, *, is_heard: bool = True) -> Any:
    """`statement`, for a module to keep. An insertion says which `columns` it is given; it answers no new ids. What
    is not heard answers nothing at all, and what goes wrong with it is raised by what is asked next, or by the commit.
    """
    return Prepared(statement.inline() if columns else statement, columns, is_heard=is_heard and not columns)


def flush(connection: Connection) -> None:
    """Send what waits for the next statement. Raises DBAPIError."""
    if waiting := pipelines.postponed(connection):
        sent(connection, waiting)


def sent(connection: Connection, all_words: Sequence[Words]) -> list[Any]:
    """Send these in one journey to a PostgreSQL; their cursors. Raises DBAPIError."""
    try:
        return pipelines.send(connection, _driver(connection), all_words)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, all_words, error) from error


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


class _Ready:
    """A statement in the words of one engine, with the ways of its values there and back."""

    def __init__(self, statement: Any, columns: Sequence[str] | None, dialect: Dialect, *, is_heard: bool) -> None:
        self._has_pipelines = dialect.name == "postgresql"
        self._may_wait = self._has_pipelines and not is_heard
        self._is_question = isinstance(statement, Select)
        self._is_look = self._is_question and statement._for_update_arg is None
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        given = {name: bind for name, bind in compiled.binds.items() if bind.required}
        whole = compiled.construct_expanded_state(dict.fromkeys(given))
        self._text = whole.statement
        self._in_order: Convert = _picker(whole.positiontup)
        ways = {name: _writer(bind.type, dialect) for name, bind in compiled.binds.items()} | dict(whole.processors)
        self._written = [(name, convert) for name in given if (convert := ways[name])]
        self._constants = {
            name: convert(value) if (convert := ways.get(name)) else value
            for name, value in whole.parameters.items()
            if name not in given
        }
        read = list(getattr(statement, "exported_columns", ()))
        names = [str(column.key) for column in read]
        row: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]
        # As `row._make` does, without a line of Python a row.
        self._row: Convert = partial(tuple.__new__, row)
        self._returned = [
            (place, reader) for place, column in enumerate(read) if (reader := _reader(column.type, dialect))
        ]

    def execute(self, connection: Connection, sets: Sequence[Values]) -> Found:
        """Execute it with each of these sets of values; the rows, when it is one. Raises DBAPIError."""
        is_many = len(sets) > 1
        values = [self._values(one) for one in sets] if is_many else self._values(sets[0] if sets else {})
        words = Words(self._text, values, is_many)
        if not self._has_pipelines:
            return self._asked(connection, [words])
        if self._is_question:
            if pipelines.is_noted(connection, words):
                return Found()
            if (known := pipelines.foreseen(connection, words)) is not None:
                return self._found(*known)
        if not self._is_look:
            pipelines.forget(connection)
        if self._may_wait:
            pipelines.postpone(connection, words)
            return Found()
        return self._asked(connection, [*pipelines.postponed(connection), words])

    def _asked(self, connection: Connection, all_words: Sequence[Words]) -> Found:
        try:
            return self._answer(connection, all_words)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _named(connection, all_words, error) from error

    def _answer(self, connection: Connection, all_words: Sequence[Words]) -> Found:
        driver = _driver(connection)
        *waiting, words = all_words
        cursor = pipelines.send(connection, driver, all_words)[-1] if waiting else driver.cursor()
        try:
            if not waiting:
                words.say(connection, cursor)
            if words.is_many:
                return Found()
            return self._found(cursor.fetchall() if cursor.description else (), cursor.rowcount)
        finally:
            cursor.close()

    def _values(self, given: Values) -> Any:
        values = {**self._constants, **given}
        for name, convert in self._written:
            values[name] = convert(values[name])
        return self._in_order(values)

    def _found(self, rows: Sequence[tuple[Any, ...]], count: int) -> Found:
        if self._returned and rows:
            # By the column, which is done without a line of Python a row.
            columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
            for place, convert in self._returned:
                columns[place] = map(convert, columns[place])
            rows = list(zip(*columns, strict=True))
        found = Found(map(self._row, rows))
        found.rowcount = count
        return found


def _named(connection: Connection, all_words: Sequence[Words], error: Exception) -> BaseException:
    """SQLAlchemy's name for what the driver raised; a connection that is gone is given up."""
    dialect: Any = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    named = DBAPIError.instance(
        ";\n".join(words.text for words in all_words),
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    if is_gone:
        connection.invalidate(error)
    return named


def _picker(names: Sequence[str] | None) -> Convert:
    """From values by name to what the driver takes: in this order, or by name."""
    if names is None:
        return lambda values: values
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class Listed(TypeDecorator[Any]):
    """Several values as one: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def bind_processor(self, dialect: Dialect) -> Convert | None:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        # Each as its column has it: what is sealed there is looked for by its seal.
        way = _writer(self.of, dialect)
        return (lambda values: documents.written([way(one) for one in values])) if way else documents.written

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value)


class Among(FunctionElement[Any]):
    """Whether a column is one of several values, however many: the statement is the same. It has no type, since what
    says that it is a Boolean is compared with 1 on SQLite, and no index finds that."""

    inherit_cache = True


def among(column: Any, name: str) -> Any:
    """Whether `column` is one of the list that is given by this `name`."""
    return Among(column, bindparam(name, type_=Listed(column.type)))


@compiles(Among, "sqlite")
def _in_json(element: Among, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(one, **named) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are SQLAlchemy's own words


@compiles(Among, "postgresql")
def _in_array(element: Among, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(one, **named) for one in element.clauses)
    return f"{column} = ANY({values})"
