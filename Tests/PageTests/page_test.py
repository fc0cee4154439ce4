"""The page in headless Chromium: a case worked from its live arrival to the closed review.

Starts `vigil demo` with its own PostgreSQL, and ends it. Needs what scripts/install-page-tools.sh installs.
Environment: VIGIL (the program), CHROMIUM, SCREENSHOTS (a folder: keep pictures of the case).
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

VIGIL = os.environ.get("VIGIL", ".build/debug/vigil")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SCREENSHOTS = os.environ.get("SCREENSHOTS")
# Names that somebody might give an entity to reach whoever looks at it.
HOSTILE = [
    "<script>window.pwned=1</script>",
    "\"><img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "'\u0301 onmouseover='window.pwned=1",
    "\"\u0301 onfocus=window.pwned=1 autofocus x=\"",
    "{{{person}}} {{#person}}{{/person}}",
    "javascript:window.pwned=1",
    "a\u202etxt.exe\u2066b",
    "bell\x07 escape\x1b[31m tab\t newline\n end",
    "]]></script><script>window.pwned=1</script>",
    "&lt;script&gt; &#60; &amp;",
    "\U0001f469\u200d\U0001f4bb e\u0301\u0301\u0301 \ufffe",
    "x" * 1_000_000,
]


class Desk:
    """A demo that runs, with its page's address, its token and its database."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = open(pathlib.Path(self.folder.name) / "demo.log", "w+")
        self.process = subprocess.Popen(
            [VIGIL, "demo", "--entities", "1500", "--pictures", self.folder.name + "/pictures"],
            stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 600
        while "Try next" not in self.text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the demo did not come up:\n" + self.text())
            time.sleep(0.5)
        self.address = re.search(r"the page is at (\S+)/", self.text()).group(1)
        self.token = re.search(r"sign in with (\S+)", self.text()).group(1)
        self.conninfo = re.search(r"psql '([^']+)'", self.text()).group(1)

    def text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def sql(self, script, **variables):
        command = ["psql", self.conninfo, "-XAtq", "-v", "ON_ERROR_STOP=1"]
        for name, value in variables.items():
            command += ["-v", f"{name}={value}"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.log.close()
        self.folder.cleanup()


def setUpModule():
    global desk, playwright, browser
    desk = Desk()
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def tearDownModule():
    browser.close()
    playwright.stop()
    desk.stop()


class PageTest(unittest.TestCase):
    def open(self, path="/anomalies", width=1440, height=900, scheme="light", script=True, token=None):
        """A page of its own, signed in."""
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme,
            java_script_enabled=script)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(20_000)
        self.complaints = []
        page.on("console", lambda said: self.complaints.append(said.text)
                if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append("dialog " + dialog.message))
        page.goto(desk.address + path)
        page.fill("#token", token or desk.token)
        page.click("button.main")
        page.wait_for_url(desk.address + path)
        return page

    def keep(self, page, name, whole=False):
        if SCREENSHOTS:
            pathlib.Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(300)
            page.screenshot(path=f"{SCREENSHOTS}/{name}.png", full_page=whole)

    def check_accessible(self, page, what):
        found = Axe().run(page)
        faults = [
            f"{what}: {violation['id']}: {violation['help']}: "
            + "; ".join(node["html"][:200] for node in violation["nodes"][:3])
            for violation in found.response["violations"]
        ]
        self.assertEqual(faults, [], "\n".join(faults))

    def test_sign_in_refuses_and_returns_to_the_address(self):
        page = browser.new_context().new_page()
        self.addCleanup(page.context.close)
        page.goto(desk.address + "/statistics")
        self.assertTrue(page.url.startswith(desk.address + "/sign-in"))
        page.fill("#token", "vigil_1_" + "0" * 64)
        page.click("button.main")
        self.assertIn("not valid", page.inner_text("[role=alert]"))
        page.fill("#token", desk.token)
        page.click("button.main")
        page.wait_for_url(desk.address + "/statistics")
        self.assertNotIn("vigil_1", page.content())

    def test_every_page_is_accessible_and_fits(self):
        for width, scheme in [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")]:
            page = self.open(width=width, scheme=scheme)
            paths = ["/anomalies", "/incidents", "/entities", "/statistics", "/model"]
            for start in ["/anomalies", "/incidents", "/entities"]:
                page.goto(desk.address + start)
                paths.append(page.get_attribute("a.open >> nth=0", "href"))
            for path in paths:
                page.goto(desk.address + path)
                if "/anomalies/" in path:
                    page.wait_for_selector("#picture > svg")
                with self.subTest(path=path, width=width, scheme=scheme):
                    self.check_accessible(page, path)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width)
            self.assertEqual(self.complaints, [])

    def test_a_case_by_the_keyboard_alone(self):
        page = self.open()
        self.keep(page, "list")
        first = page.get_attribute("#list tbody tr >> nth=0", "data-id")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/anomalies/" + first)
        page.wait_for_selector("#picture > svg")
        self.keep(page, "anomaly", whole=True)
        page.keyboard.press("m")
        page.wait_for_selector("text=Assigned.")
        self.assertEqual(page.input_value("#assignee"), "demo")
        page.keyboard.press("t")
        page.wait_for_selector("#notice >> text=Reviewed.")
        self.assertEqual(
            desk.sql(f"SELECT verdict, reviewed_by FROM vigil.anomalies WHERE id = '{first}'"),
            "true_positive|demo")
        self.keep(page, "reviewed")
        page.keyboard.press("z")
        page.wait_for_selector("text=The review is undone.")
        self.assertEqual(
            desk.sql(f"SELECT reviewed FROM vigil.anomalies WHERE id = '{first}'"), "f")
        page.keyboard.press("Escape")
        page.wait_for_url("**/anomalies")
        page.keyboard.press("?")
        self.assertTrue(page.is_visible("#help"))
        self.assertEqual(self.complaints, [])

    def test_a_review_of_several(self):
        page = self.open("/anomalies?severity=medium")
        ids = [page.get_attribute(f"#list tbody tr >> nth={row}", "data-id") for row in (0, 1)]
        for key in "jxjx":
            page.keyboard.press(key)
        self.assertEqual(page.inner_text("#chosen"), "2 lines are chosen.")
        self.keep(page, "several")
        page.keyboard.press("f")
        page.wait_for_selector("text=2 anomalies reviewed.")
        self.assertEqual(
            desk.sql("SELECT count(*) FROM vigil.anomalies WHERE verdict = 'false_positive' AND id IN ("
                     + ", ".join(f"'{id}'" for id in ids) + ")"), "2")
        for id in ids:
            self.assertFalse(page.query_selector(f"tr[data-id='{id}']"))

    def test_the_picture_zooms_moves_and_unfolds(self):
        page = self.open()
        page.click("a.open >> nth=0")
        page.wait_for_selector("#picture > svg")
        whole = page.get_attribute("#picture > svg", "viewBox")
        page.click("[data-zoom=in]")
        self.assertNotEqual(page.get_attribute("#picture > svg", "viewBox"), whole)
        page.focus("#picture")
        before = page.get_attribute("#picture > svg", "viewBox")
        page.keyboard.press("ArrowRight")
        self.assertNotEqual(page.get_attribute("#picture > svg", "viewBox"), before)
        page.keyboard.press("0")
        self.assertEqual(page.get_attribute("#picture > svg", "viewBox"), whole)
        count = len(page.query_selector_all("#picture svg a"))
        grown = False
        for link in range(count):
            page.locator("#picture svg a").nth(link).dispatch_event("click")
            page.click(".node-menu button")
            page.wait_for_selector("#picture:not([aria-busy]) > svg")
            if len(page.query_selector_all("#picture svg a")) > count:
                grown = True
                break
        self.assertTrue(grown, "no entity had further neighbours")
        self.keep(page, "expanded")
        self.assertEqual(self.complaints, [])

    def test_new_anomalies_arrive_by_themselves(self):
        page = self.open("/anomalies?order=time")
        page.wait_for_selector("#live[data-state=live]")
        # Nothing is there before: an entity with forty contacts at once.
        desk.sql("""
            WITH hub AS (
                INSERT INTO vigil.entities (type, name, confidence) VALUES ('domain', 'arrives-live.invalid', 0.9)
                RETURNING id)
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
            SELECT hub.id, other.id, 'communicates_with'
            FROM hub, (SELECT id FROM vigil.entities ORDER BY md5(id::text) LIMIT 40) AS other""")
        page.wait_for_selector("#list >> text=arrives-live.invalid", timeout=30_000)
        self.keep(page, "arrival")
        self.assertEqual(self.complaints, [])

    def test_hostile_names_do_no_harm(self):
        for number, name in enumerate(HOSTILE):
            # By dollar quotes through the standard input: no shell and no argument sees it.
            quoted = "$name$" + name.replace("\0", "") + "$name$"
            ids = desk.sql(f"""
                WITH hub AS (
                    INSERT INTO vigil.entities (type, name, description, tags)
                    VALUES ('domain', {quoted}, left({quoted}, 3000), ARRAY[left({quoted}, 100)]) RETURNING id),
                edge AS (
                    INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
                    SELECT hub.id, other.id, 'communicates_with'
                    FROM hub, (SELECT id FROM vigil.entities ORDER BY md5(id::text) LIMIT 30) AS other)
                SELECT id FROM hub""")
            deadline = time.monotonic() + 60
            find = f"SELECT id FROM vigil.anomalies WHERE entity_id = {ids} ORDER BY anomaly_score DESC LIMIT 1"
            while not (anomaly := desk.sql(find)) and time.monotonic() < deadline:
                time.sleep(0.2)
            self.assertTrue(anomaly, f"name {number} was not found strange")
            page = self.open(f"/anomalies/{anomaly}")
            page.wait_for_selector("#picture > svg")
            for path in [f"/entities/{ids}", "/anomalies?order=time", "/incidents",
                         f"/anomalies/{anomaly}?moment=now&hops=2"]:
                page.goto(desk.address + path)
                if "moment" in path:
                    page.wait_for_selector("#picture > svg")
                with self.subTest(name=name[:40], path=path):
                    self.assertIsNone(page.evaluate("window.pwned ?? null"))
                    self.assertEqual(len(page.query_selector_all("script")), 1)
                    self.assertEqual(page.query_selector_all("main img, [onmouseover], [onfocus], [onload]"), [])
                    self.assertFalse(re.search("[\u202a-\u202e\u2066-\u2069\x07\x1b]", page.content()))
            self.assertEqual(self.complaints, [], name[:40])
            page.context.close()

    def test_works_without_script(self):
        page = self.open(script=False)
        id = page.get_attribute("#list tbody tr >> nth=0", "data-id")
        page.click("a.open >> nth=0")
        self.assertTrue(page.query_selector("#picture img"))
        page.fill("#notes", "read without script")
        page.click("button[value=undecided]")
        self.assertIn("read without script", page.inner_text("main"))
        page.click("#notice button")
        self.assertEqual(desk.sql(f"SELECT reviewed FROM vigil.anomalies WHERE id = '{id}'"), "f")

    def test_a_reader_reads_only(self):
        token = desk.sql("SELECT vigil.create_token('reader ' || clock_timestamp(), 'reader')")
        page = self.open(token=token)
        self.assertFalse(page.query_selector(".pick"))
        page.click("a.open >> nth=0")
        self.assertFalse(page.query_selector("#review"))
        status = page.evaluate(
            "fetch(location.pathname + '/review', {method: 'POST', body: 'verdict=benign',"
            " headers: {'Content-Type': 'application/x-www-form-urlencoded'}}).then(a => a.status)")
        self.assertEqual(status, 403)

    def test_first_paint(self):
        page = self.open()
        page.goto(desk.address + "/anomalies")
        page.wait_for_timeout(500)
        paint = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime")
        print(f"first contentful paint of the list: {paint:.0f} ms", file=sys.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
