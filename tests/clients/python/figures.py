"""Prints the figures of docs/engine.md: MOSTIK_BIN=… MOSTIK_LIBCHDB=… python figures.py

Needs nothing but Python. Runs against an engine of its own; takes about a minute.
"""

import http.client
import os
import time

from engine import PASSWORD, USER, Engine

ROWS = 200_000
ROW = b"\x14a string of 20 bytes"


class Client:
    def __init__(self, engine):
        self._connection = http.client.HTTPConnection(engine.host, engine.port)
        self._headers = {"X-ClickHouse-User": USER, "X-ClickHouse-Key": PASSWORD}

    def run(self, sql, url="/"):
        self._connection.request("POST", url, sql, self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(body.decode())
        return body


def milliseconds(times, run):
    run()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append((time.perf_counter() - begin) * 1000)
    taken.sort()
    return f"p50 {taken[times // 2]:.1f} ms, p95 {taken[int(times * 0.95)]:.1f} ms"


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        values = dict(line.split(":", 1) for line in status)
    return f"{int(values['VmRSS'].split()[0]) // 1024} MiB resident, {int(values['RssAnon'].split()[0]) // 1024} MiB of it anonymous"


def main():
    begin = time.perf_counter()
    with Engine() as engine:
        print(f"load average: {os.getloadavg()[0]:.1f}")
        print(f"ready after: {time.perf_counter() - begin:.2f} s")
        client = Client(engine)
        print("SELECT 1:", milliseconds(200, lambda: client.run("SELECT 1")))
        settings = "/?max_threads=2&readonly=1&max_execution_time=20"
        print("SELECT 1 with settings:", milliseconds(200, lambda: client.run("SELECT 1", settings)))
        print("memory, idle:", memory(engine.pid))
        table = "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1"
        client.run(table)
        body = b"".join(n.to_bytes(8, "little") + ROW for n in range(ROWS))
        insert = "/?query=INSERT%20INTO%20t%20FORMAT%20RowBinary"
        print("INSERT of 200,000 rows, 5.8 MB:", milliseconds(10, lambda: client.run(body, insert)))
        print("INSERT of 1,000 rows:", milliseconds(20, lambda: client.run(body[: 1000 * 29], insert)))
        print("count() of them:", milliseconds(50, lambda: client.run("SELECT count() FROM t")))
        begin = time.perf_counter()
        size = len(client.run("SELECT number FROM numbers(100000000) FORMAT RowBinary"))
        print(f"an answer of {size / 1e6:.0f} MB: {size / 1e6 / (time.perf_counter() - begin):.0f} MB/s")
        print("memory, after that:", memory(engine.pid))
        begin = time.perf_counter()
    print(f"stopped after: {time.perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    main()
