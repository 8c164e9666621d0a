"""The pages in a real browser: nothing sticks out at 390 px, text stands off its ground, pictures are taken.

``REPORTS_IMAGES=docs/img pytest tests/engine/test_reports_screens.py`` writes the pictures there too.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from autograder.reports import feedback_html, report_html

_spec = importlib.util.spec_from_file_location("reports_class", Path(__file__).with_name("reports_class.py"))
reports_class = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reports_class)

WIDTHS = (1280, 390)
_NO_BROWSER = "no Chromium here: `apt-get install chromium` ends this skip"

# Runs in the outer page. It reports the width and height of the inner page, what sticks out of it
# (scrolling boxes apart), and the weakest contrast of any text with the first opaque ground behind it.
_MEASURE = """
const frame = document.querySelector("iframe"), out = document.querySelector("pre");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, root = page.documentElement, wide = root.clientWidth;
  const stick = [], weak = [];
  const part = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = rgb(frame.contentWindow.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  for (const e of page.body.querySelectorAll("*")) {
    if (e.closest(".unseen, .store, .jump")) continue;
    const box = e.getBoundingClientRect();
    if (!e.closest(".scroll") && box.width && box.right > wide + 1) stick.push(e.tagName + "." + e.className);
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !box.width || e.closest("svg")) continue;
    const a = light(rgb(frame.contentWindow.getComputedStyle(e).color)), b = light(ground(e));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) weak.push(e.tagName + "." + e.className + " " + contrast.toFixed(2));
  }
  out.textContent = JSON.stringify({scroll: root.scrollWidth, wide, height: root.scrollHeight, stick, weak});
});
"""


@dataclass
class Browser:
    """A headless Chromium that is started once per picture."""

    program: str
    folder: Path

    def run(self, page: str, *options: str) -> str:
        """Load ``page`` and return the document as it ends."""
        file = self.folder / "outer.html"
        file.write_text(page, encoding="utf-8")
        command = [self.program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={self.folder / 'profile'}", "--no-first-run", *options, file.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        return done.stdout.decode("utf-8", "replace")

    def measure(self, page: str, width: int, *options: str) -> dict:
        """Width, height, what sticks out and what is hard to read, in a window of ``width`` pixels."""
        outer = f"{_frame(page, width, 900)}<pre></pre><script>{_MEASURE}</script>"
        # the frame is filled by the script's side only once its listener is there
        outer = outer.replace("srcdoc=", "data-page=").replace(
            "</script>", "frame.srcdoc = frame.dataset.page;</script>"
        )
        dom = self.run(outer, "--virtual-time-budget=4000", "--dump-dom", *options)
        return json.loads(html.unescape(re.search(r"<pre>(.*?)</pre>", dom, re.S)[1]))

    def shoot(self, page: str, width: int, height: int, target: Path, *options: str, zoom: int = 1) -> None:
        """Write a picture of the whole page as it looks in a window of ``width`` pixels."""
        # Chromium keeps windows at 500 px or more: the page lies in a frame, the picture is cut to it
        window = f"--window-size={max(width, 500)},{height}"
        scale = f"--force-device-scale-factor={zoom}"
        self.run(_frame(page, width, height), window, scale, f"--screenshot={target}", *options)
        with Image.open(target) as taken:
            cut = taken.convert("RGB").crop((0, 0, width * zoom, height * zoom))
        cut.quantize(255, dither=Image.Dither.NONE).save(target, optimize=True)


def _frame(page: str, width: int, height: int) -> str:
    style = f"border:0;display:block;width:{width}px;height:{height}px"
    return (
        '<!doctype html><meta charset="utf-8"><body style="margin:0">'
        f'<iframe style="{style}" srcdoc="{html.escape(page)}"></iframe>'
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Browser:
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("REQUIRE_REAL"):
            pytest.fail(_NO_BROWSER)
        pytest.skip(_NO_BROWSER)
    return Browser(program, tmp_path_factory.mktemp("browser"))


def pages() -> dict[str, str]:
    records = {r.student: r for r in reports_class.make_class()}
    facts = reports_class.FACTS
    return {
        "feedback": feedback_html(records["birch"], facts=facts),
        "feedback-after-due": feedback_html(records["hornbeam"], "after_due", facts),
        "feedback-unreadable": feedback_html(records["larch"], facts=facts),
        "report": report_html(records.values(), facts),
    }


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    wanted = os.environ.get("REPORTS_IMAGES")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("images")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("name", ["feedback", "feedback-after-due", "feedback-unreadable", "report"])
def test_pages_fit_and_read_well(browser, images, name):
    page = pages()[name]
    for width in WIDTHS:
        found = browser.measure(page, width)
        assert found["scroll"] <= found["wide"] == width, found["stick"]
        assert found["stick"] == []
        assert found["weak"] == []
        target = images / f"{name}-{width}.png"
        browser.shoot(page, width, found["height"], target)
        with Image.open(target) as taken:
            assert taken.size == (width, found["height"])
            assert len(taken.convert("RGB").getcolors(1 << 20)) > 8


@pytest.mark.parametrize("name", ["feedback", "report"])
def test_pages_read_well_in_the_dark(browser, images, name):
    page, dark = pages()[name], "--blink-settings=preferredColorScheme=0"
    found = browser.measure(page, 1280, dark)
    assert found["weak"] == []
    browser.shoot(page, 1280, found["height"], images / f"{name}-dark-1280.png", dark)
    with Image.open(images / f"{name}-dark-1280.png") as taken:
        assert sum(taken.convert("RGB").getpixel((4, 4))) < 200
