"""A running `mostik engine` in a folder of its own, with a TCP port that may write.

MOSTIK_BIN names the program, MOSTIK_LIBCHDB the library; tests/run sets both.
"""

import json
import os
import pathlib
import subprocess
import tempfile

USER = "reader"
PASSWORD = "correct horse"


def required(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: run tests/run, which builds, fetches and sets it")
    return value


class Engine:
    """Use as a context manager; the process and the folder go with it."""

    def __init__(self, may_write=True):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        data = folder / "data"
        data.mkdir()
        password_file = folder / "password"
        password_file.write_text(PASSWORD)
        (data / "mostik.toml").write_text(
            "[engine]\n"
            f"library = {json.dumps(required('MOSTIK_LIBCHDB'))}\n"
            'ram = "512 MiB"\n'
            'listen = "127.0.0.1:0"\n'
            f'user = "{USER}"\n'
            f"password_file = {json.dumps(str(password_file))}\n"
            f"may_write = {json.dumps(may_write)}\n"
        )
        self._process = subprocess.Popen(
            [required("MOSTIK_BIN"), "engine", "--data", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the engine did not start, code {self._process.wait()}")
        host, port = json.loads(line)["tcp"].rsplit(":", 1)
        self.host, self.port = host, int(port)

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        code = self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()
        if code != 0:
            raise RuntimeError(f"the engine ended with code {code}")
