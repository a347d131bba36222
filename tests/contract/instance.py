"""A running Mostik in a folder of its own, with a site that was visited, seen by a viewer.

MOSTIK_BIN names the program, MOSTIK_LIBCHDB the library, MOSTIK_GEO the country file;
tests/run sets all three.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request

DOMAIN = "shop.test"
PASSWORD = "correct horse battery"
GUEST = "guest@example.test"

# Seconds that the first event may take to be seen, on a busy machine.
PATIENCE_SECONDS = 60

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


def required(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: run tests/run, which builds, fetches and sets it")
    return value


class Mostik:
    """Use as a context manager; the processes and the folder go with it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        data = pathlib.Path(self._folder.name)
        (data / "mostik.toml").write_text(
            "[collector]\n"
            'listen = "127.0.0.1:0"\n'
            'ops_listen = "127.0.0.1:0"\n'
            f"geo_file = {json.dumps(required('MOSTIK_GEO'))}\n"
            "[dashboard]\n"
            'listen = "127.0.0.1:0"\n'
            "[engine]\n"
            f"library = {json.dumps(required('MOSTIK_LIBCHDB'))}\n"
        )
        self._process = subprocess.Popen(
            [required("MOSTIK_BIN"), "up", "--json", "--data", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Mostik did not start, code {self._process.wait()}")
        ready = json.loads(line)
        self.dashboard = f"http://{ready['dashboard']}"
        self._collector = f"http://{ready['public']}"
        self._set_up(ready["setup_link"].split("#")[1])

    def call(self, method, path, body=None, cookie=None):
        """The answer and the cookie it set."""
        headers = {"content-type": "application/json"} if body is not None else {}
        if cookie:
            headers["cookie"] = cookie
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.dashboard + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            cookie = (answer.headers.get("set-cookie") or "").split(";")[0]
            return (json.loads(text) if text else None), cookie

    def _set_up(self, token):
        _, owner = self.call("POST", "/api/v1/setup", {"token": token, "email": "owner@example.test", "password": PASSWORD})
        self.call("POST", "/api/v1/sites", {"domain": DOMAIN, "time_zone": "Europe/Moscow"}, owner)
        invitation, _ = self.call("POST", "/api/v1/sites/1/invitations", {"email": GUEST, "role": "viewer"}, owner)
        _, self.viewer = self.call(
            "POST", "/api/v1/invitations/accept", {"token": invitation["token"], "password": PASSWORD}
        )
        self.owner = owner
        self._visit()

    def _visit(self):
        """Sends views until the dashboard knows of one: the collector hears of a new site a little later."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.call("GET", "/api/v1/sites/1/status", cookie=self.viewer)[0]["first_event"]:
            if time.monotonic() > end:
                raise RuntimeError("no event has arrived")
            for path in ["/", "/tea", "/cups?utm_source=mail&utm_campaign=autumn"]:
                event = json.dumps({"v": 1, "n": "pageview", "u": f"https://{DOMAIN}{path}", "d": DOMAIN})
                headers = {"content-type": "text/plain", "user-agent": BROWSER, "accept-language": "ru"}
                request = urllib.request.Request(f"{self._collector}/api/event", event.encode(), headers)
                with urllib.request.urlopen(request):
                    pass
            time.sleep(0.5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        code = self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()
        if code != 0:
            raise RuntimeError(f"Mostik ended with code {code}")
