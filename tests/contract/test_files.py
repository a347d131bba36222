"""A panel's spreadsheet, read by a reader that is not ours."""

import io
import unittest
import urllib.request

import openpyxl

from instance import Mostik


class Files(unittest.TestCase):
    def test_a_spreadsheet_holds_the_rows_of_the_panel(self):
        with Mostik() as mostik:
            path = "/api/v1/sites/1/breakdown?period=7d&dimension=page"
            panel, _ = mostik.call("GET", path, cookie=mostik.viewer)
            request = urllib.request.Request(f"{mostik.dashboard}{path}&format=xlsx", headers={"cookie": mostik.viewer})
            with urllib.request.urlopen(request) as answer:
                self.assertRegex(answer.headers["content-disposition"], r'filename="shop\.test-page-.*\.xlsx"')
                book = openpyxl.load_workbook(io.BytesIO(answer.read()))
        rows = list(book.active.iter_rows(values_only=True))
        self.assertEqual(rows[0], ("page", "visitors", "visits", "views"))
        wanted = [(row["value"], row["visitors"], row["visits"], row["views"]) for row in panel["rows"]]
        self.assertGreaterEqual(len(wanted), 3)
        self.assertEqual(rows[1:], wanted)


if __name__ == "__main__":
    unittest.main()
