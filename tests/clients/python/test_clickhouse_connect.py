"""clickhouse-connect with its default settings against the embedded engine."""

import datetime
import unittest

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

from engine import PASSWORD, USER, Engine

TABLE = """
CREATE TABLE visits (
    n UInt64, path String, day Date, at DateTime('UTC'), tags Array(LowCardinality(String)), note Nullable(String)
) ENGINE = MergeTree ORDER BY n
"""
COLUMNS = ["n", "path", "day", "at", "tags", "note"]


def visit(n):
    return [
        n,
        f"/страница/{n}",
        datetime.date(2026, 11, 1 + n % 28),
        datetime.datetime(2026, 11, 1, n % 24, tzinfo=datetime.timezone.utc),
        [f"t{n % 3}"],
        None if n % 2 else "even",
    ]


def connect(engine, **options):
    return clickhouse_connect.get_client(
        host=engine.host, port=engine.port, username=USER, password=PASSWORD, **options
    )


class Writing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(Engine())

    def setUp(self):
        self.client = connect(self.engine)
        self.addCleanup(self.client.close)
        self.client.command("DROP TABLE IF EXISTS visits")
        self.client.command(TABLE)

    def test_the_client_finds_our_database_and_version(self):
        self.assertTrue(self.client.ping())
        self.assertEqual(self.client.command("SELECT currentDatabase()"), "mostik")
        self.assertTrue(self.client.server_version.startswith("26."), self.client.server_version)

    def test_rows_inserted_as_native_come_back_the_same(self):
        rows = [visit(n) for n in range(1000)]
        summary = self.client.insert("visits", rows, column_names=COLUMNS)
        self.assertEqual(int(summary.written_rows), 1000)
        found = self.client.query("SELECT * FROM visits ORDER BY n").result_rows
        # The client gives a column of UTC times back without a zone.
        for row in rows:
            row[3] = row[3].replace(tzinfo=None)
        self.assertEqual([list(row) for row in found], rows)

    def test_one_hundred_thousand_rows_make_one_part_and_stream_back(self):
        self.client.insert("visits", [visit(n) for n in range(100_000)], column_names=COLUMNS)
        parts = self.client.command("SELECT count() FROM system.parts WHERE table = 'visits' AND active")
        self.assertEqual(parts, 1)
        with self.client.query_rows_stream("SELECT n FROM visits ORDER BY n") as stream:
            self.assertEqual([n for (n,) in stream], list(range(100_000)))

    def test_a_raw_insert_takes_any_format(self):
        self.client.raw_insert("visits", column_names=["n", "path"], insert_block=b'{"n":1,"path":"/a"}\n', fmt="JSONEachRow")
        self.client.raw_insert("visits", column_names=["n", "path"], insert_block="2,/b\n", fmt="CSV")
        self.assertEqual(self.client.query("SELECT n, path FROM visits ORDER BY n").result_rows, [(1, "/a"), (2, "/b")])

    def test_parameters_are_bound_by_the_client_and_by_the_engine(self):
        odd = "it's \\ \"odd\"\t\n"
        self.assertEqual(self.client.query("SELECT %(x)s", parameters={"x": odd}).first_row, (odd,))
        self.assertEqual(self.client.query("SELECT {x:String}", parameters={"x": odd}).first_row, (odd,))
        days = {"days": [datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)]}
        self.assertEqual(self.client.query("SELECT length({days:Array(Date)})", parameters=days).first_row, (2,))

    def test_a_refusal_carries_code_and_text(self):
        with self.assertRaisesRegex(DatabaseError, "Code: 60|code 60|UNKNOWN_TABLE"):
            self.client.query("SELECT * FROM nowhere")
        with self.assertRaisesRegex(DatabaseError, "SYNTAX_ERROR"):
            self.client.command("CREATE NOTHING")
        with self.assertRaisesRegex(DatabaseError, "ACCESS_DENIED"):
            self.client.query("SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')")

    def test_the_query_id_comes_back(self):
        result = self.client.query("SELECT 1", settings={"query_id": "mine-1"})
        self.assertEqual(result.query_id, "mine-1")

    def test_settings_go_with_the_statement(self):
        result = self.client.query("SELECT getSetting('max_block_size')", settings={"max_block_size": 17})
        self.assertEqual(result.first_row, (17,))

    def test_a_reading_statement_cannot_write(self):
        with self.assertRaisesRegex(DatabaseError, "READONLY"):
            self.client.command("INSERT INTO visits (n) VALUES (1)", settings={"readonly": 1})

    def test_compression_the_client_asks_for_is_not_required(self):
        client = connect(self.engine, compress=False)
        self.addCleanup(client.close)
        self.assertEqual(client.command("SELECT 1"), 1)

    def test_another_database_can_be_made_and_used(self):
        self.client.command("CREATE DATABASE IF NOT EXISTS other")
        other = connect(self.engine, database="other")
        self.addCleanup(other.close)
        self.assertEqual(other.command("SELECT currentDatabase()"), "other")


class Reading(unittest.TestCase):
    def test_a_port_for_reading_takes_no_writes_and_no_wrong_password(self):
        with Engine(may_write=False) as engine:
            client = connect(engine)
            self.addCleanup(client.close)
            self.assertEqual(client.query("SELECT number FROM numbers(3)").result_rows, [(0,), (1,), (2,)])
            with self.assertRaisesRegex(DatabaseError, "READONLY"):
                client.command(TABLE)
            with self.assertRaisesRegex(DatabaseError, "AUTHENTICATION_FAILED"):
                clickhouse_connect.get_client(host=engine.host, port=engine.port, username=USER, password="wrong")


if __name__ == "__main__":
    unittest.main()
