"""The API's description is held against the running server by Schemathesis: what it says may be
sent is sent, and what may not be is sent too; every answer has a status, a content type and a
shape that the description knows, and none is a failure of the server."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from instance import Mostik

# Requests of one call and phase: with forty calls, about half a minute.
EXAMPLES = "12"

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method"
)

CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = pathlib.Path(sys.executable).with_name("schemathesis")


class Contract(unittest.TestCase):
    def run_against(self, mostik, *more):
        command = [
            str(SCHEMATHESIS), "--config-file", str(CONFIG), "--no-color", "run", f"{mostik.dashboard}/api/v1/openapi.json",
            "--checks", CHECKS, "--max-examples", EXAMPLES, "--seed", "20261125",
            "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
            # Or the session below would be overwritten by made-up ones.
            "--generation-with-security-parameters", "false",
            # Signing out would turn every other answer into 401.
            "--exclude-path", "/api/v1/session",
            "--exclude-path", "/api/v1/account/sessions/{session}",
            *more,
        ]
        # It keeps notes where it is started.
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
        self.assertEqual(run.returncode, 0, run.stdout[-20_000:])
        self.assertNotIn("401 Unauthorized", run.stdout, "the session ended half way")

    def test_the_server_answers_as_the_description_says(self):
        with Mostik() as mostik:
            self.run_against(mostik, "--header", f"Cookie: {mostik.viewer}")


if __name__ == "__main__":
    unittest.main()
