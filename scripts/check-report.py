#!/usr/bin/env python3
"""Checks HTML reports of `dhi-compose build --report` and `show --report` as a browser sees them.

Usage: check-report.py REPORT.html... [--screenshots DIR] [--structure-only]

For each report:
  - an HTML5 parser (html5lib, strict) reads it without a fault, and each id stands once;
  - nothing in it points outside of itself, and no script is in it;
  - headless Chromium, in light and dark and 390 px wide, applies its style sheet under its own Content-Security-Policy,
    logs no error, and need not scroll sideways;
  - axe-core finds no fault of serious or critical impact.

Needs html5lib, and for all but the first two Chromium with chromedriver, selenium, and axe-core as PyPI's
axe-selenium-python carries it:

  apt-get install chromium chromium-driver
  python3 -m venv .build/report-check
  .build/report-check/bin/pip install html5lib selenium axe-selenium-python

Exit codes: 0 no fault, 1 faults (each on a line of standard output), 64 wrong usage, 69 a tool is missing.
"""
import argparse
import os
import pathlib
import shutil
import sys

MISSING = 69
VIEWS = {
    # name: (width, height, colour scheme, device pixels per unit)
    "light": (1280, 900, "light", 1),
    "dark": (1280, 900, "dark", 1),
    "phone-light": (390, 844, "light", 2),
    "phone-dark": (390, 844, "dark", 2),
}
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href", "style"}
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "img", "image", "use", "foreignobject"}


def structure(path):
    """The faults that show without a browser."""
    try:
        import html5lib
    except ImportError:
        sys.exit(missing("html5lib"))
    text = path.read_bytes()
    faults = []
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    document = parser.parse(text, transport_encoding="utf-8")
    for (line, column), code, _ in parser.errors:
        faults.append(f"{path}:{line}:{column}: {code}")
    seen = set()
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rsplit("}", 1)[-1].lower()
        if name in FORBIDDEN:
            faults.append(f"{path}: has the element {name}")
        for attribute, value in element.attrib.items():
            attribute = str(attribute).lower()
            if attribute.startswith("on"):
                faults.append(f"{path}: {name} has the attribute {attribute}")
            if attribute in ADDRESSES and not (attribute == "href" and value.startswith("#")):
                faults.append(f"{path}: {name} {attribute}={value[:80]!r} points outside of the page")
            if attribute == "id":
                if value in seen:
                    faults.append(f"{path}: the id {value} stands twice")
                seen.add(value)
    for element in document.iter("a"):
        target = element.attrib.get("href", "#")[1:]
        if target and target not in seen:
            faults.append(f"{path}: leads to #{target}, which is not there")
    for attribute in ("aria-labelledby", "aria-describedby"):
        for element in document.iter():
            target = element.attrib.get(attribute) if isinstance(element.tag, str) else None
            if target and target not in seen:
                faults.append(f"{path}: {attribute} names {target}, which is not there")
    return faults


def missing(tool):
    print(f"error: {tool}: not found; the head of {sys.argv[0]} says how to install it", file=sys.stderr)
    return MISSING


def browser():
    """Headless Chromium, or None with the reason told."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        sys.exit(missing("selenium"))
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        sys.exit(missing("chromium" if not chromium else "chromedriver"))
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        # Chromium's own sandbox does not start for root.
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    # A loaded machine takes its time.
    chrome.set_script_timeout(600)
    chrome.set_page_load_timeout(600)
    return chrome


def axe_source():
    try:
        import axe_selenium_python
    except ImportError:
        sys.exit(missing("axe-selenium-python"))
    folder = pathlib.Path(axe_selenium_python.__file__).parent
    found = sorted(folder.rglob("axe.min.js"))
    return found[0].read_text() if found else sys.exit(missing("axe.min.js"))


AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  found => done(found.violations.map(fault => ({
    id: fault.id, impact: fault.impact, help: fault.help,
    nodes: fault.nodes.slice(0, 3).map(node => node.target.join(" ") + ": " + node.failureSummary)
  }))), error => done([{id: "axe", impact: "critical", help: String(error), nodes: []}]));
"""


def seen(driver, axe, path, screenshots):
    """The faults that a browser shows."""
    faults = []
    for view, (width, height, scheme, ratio) in VIEWS.items():
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": width < 600})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        driver.get(path.resolve().as_uri())
        for entry in driver.get_log("browser"):
            faults.append(f"{path} ({view}): {entry['level']}: {entry['message']}")
        if driver.execute_script("return getComputedStyle(document.body).marginTop") != "0px":
            faults.append(f"{path} ({view}): the style sheet is not applied")
        over = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            faults.append(f"{path} ({view}): is {over} px wider than the window")
        if screenshots:
            take(driver, width, height, screenshots / f"{path.stem}-{view}.png")
        # Faults in what is folded are faults too.
        driver.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
        over = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            faults.append(f"{path} ({view}): unfolded, is {over} px wider than the window")
        driver.execute_script(axe)
        for fault in driver.execute_async_script(AXE):
            line = f"{path} ({view}): {fault['impact']}: {fault['id']}: {fault['help']}"
            if fault["impact"] in ("serious", "critical"):
                faults += [line] + [f"  {node}" for node in fault["nodes"]]
            else:
                print(f"note: {line}", file=sys.stderr)
    return faults


def take(driver, width, height, path):
    """The window, and the whole page beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(path))
    import base64
    whole = driver.execute_script("return document.documentElement.scrollHeight")
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": min(whole, 7000), "scale": 1}})
    path.with_name(path.stem + "-whole.png").write_bytes(base64.b64decode(shot["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", nargs="+", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures of each view")
    parser.add_argument("--structure-only", action="store_true", help="no browser")
    try:
        options = parser.parse_args()
    except SystemExit as end:
        sys.exit(64 if end.code else 0)
    faults = []
    for path in options.reports:
        faults += structure(path)
    if not options.structure_only:
        axe = axe_source()
        driver = browser()
        try:
            for path in options.reports:
                faults += seen(driver, axe, path, options.screenshots)
        finally:
            driver.quit()
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
