"""The page: what it says, that nothing from outside gets through, and how Chromium shows it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from heelrise import __version__
from heelrise.heel_rise_result import evaluate
from heelrise.heel_rise_test import TestOptions as OptionsOfTheTest
from heelrise.page import page
from heelrise.result import Fault, LegSet, Rep, Result, Side, Tip, VideoFacts
from heelrise.series import Row
from heelrise.thumbnails import thumbnails
from heelrise.videofile import VideoWriter

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome is installed")

FACTS = VideoFacts("/home/ann/clip.mp4", 65.3, 30.0, 640, 480, 1959)
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
VOID = {"meta", "link", "img", "br"}
WIDTHS = (320, 360, 768, 1440)


def rep(number: int, side: Side = "left", *faults: str) -> Rep:
    start = 3.0 * number
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, 9.0, 0.225, 9.2, 0.23, 0.1, 0.01, faults),
        rise_sd_cm=0.5,
        rise_sd_shin=0.0125,
    )


def fault(
    kind: str, number: int | None, at_s: float, *, unsure: bool = False, message: str = "why"
) -> Fault:
    return Fault(kind, "left", number, at_s, at_s + 0.4, 0.3, 0.5, "s", unsure, message)


LEFT = tuple(rep(n, "left", *(("no_pause",) if n == 2 else ())) for n in range(1, 9))
RIGHT = tuple(rep(n, "right") for n in range(9, 13))
FULL = Result(
    (*LEFT, *RIGHT),
    (
        fault("no_pause", 2, 6.6, message="held for 0.2 s"),
        fault("incomplete_bottom", 3, 10.0, unsure=True, message="the heel is hidden"),
        fault("lost_balance", None, 30.0),
    ),
    (LegSet("left", 3.0, 26.4, tuple(range(1, 9))), LegSet("right", 27.0, 38.4, (9, 10, 11, 12))),
    ("two people are in the picture",),
    (Tip("head_down", "left", 3.0, 5.0, 31.0, 25.0, "deg", "head up, eyes forward"),),
)
NOTHING = Result((), (), (), ("the feet are out of the picture: step back",))
ROWS = [Row(n / 10, "left", 0.1, 4.0, "top", 3.0, 1.0, True) for n in range(600)]
PICTURE = bytes(cv2.imencode(".jpg", np.full((240, 320, 3), 90, np.uint8))[1].tobytes())
FULL_PAGE = page(FULL, FACTS, ROWS, {0: PICTURE, 2: PICTURE}, "clip.mp4", "Ann", NOTHING)


class Checker(HTMLParser):
    """Collects elements and text, and fails on tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.words.append(data.strip())


def said(text: str) -> str:
    return " ".join(Checker(text).words)


def test_the_page_says_what_was_found() -> None:
    words = said(FULL_PAGE)
    for part in (
        *("8 reps", "4 reps", "9.0\u00a0cm", "1.00\u00a0s", "Left and right", "Fatigue"),
        *("two people are in the picture", "head up, eyes forward, at 0:03.0", "clip.mp4"),
        *("no pause at the top", "held for 0.2 s", "Between reps", "1:05.3"),
        *("Not a medical device", f"heelrise {__version__}"),
    ):
        assert part in words


def test_doubts_stand_apart_with_their_reason() -> None:
    faults, doubts = said(FULL_PAGE).split("Could not be judged")[-2:]
    assert "the heel is hidden" in doubts
    assert "the heel is hidden" not in faults


def test_the_page_has_a_language_and_accessible_tables() -> None:
    tags = Checker(FULL_PAGE).tags
    assert dict(tags)["html"]["lang"] == "en"
    names = [tag for tag, _ in tags]
    assert names.count("table") == names.count("caption") == names.count("thead")
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in tags if tag == "th")
    assert all(attrs.get("alt") for tag, attrs in tags if tag == "img")
    assert all(attrs.get("aria-label") for tag, attrs in tags if tag == "svg")
    boxes = [attrs for _, attrs in tags if attrs.get("class") == "scroll"]
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)


def test_no_id_is_given_twice() -> None:
    ids = [attrs["id"] for _, attrs in Checker(FULL_PAGE).tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_the_page_points_to_nothing_outside() -> None:
    text = re.sub(r"data:image/jpeg;base64,[\w+/=]*", "", FULL_PAGE)
    assert not re.search(r"https?:|//\w|@import|<script|\son\w+=", text)
    assert set(re.findall(r"url\((.)", FULL_PAGE)) == {"#"}
    for tag, attrs in Checker(FULL_PAGE).tags:
        for name in ("src", "href", "xlink:href", "poster", "data"):
            target = attrs.get(name)
            if target is not None:
                jump = tag == "a" and target.startswith("./clip.mp4#t=")
                assert jump or target.startswith(("data:", "#")), (tag, target)


def test_faults_link_to_their_moment_in_the_video() -> None:
    links = [attrs["href"] for tag, attrs in Checker(FULL_PAGE).tags if tag == "a"]
    assert links == ["./clip.mp4#t=6.60"] * 2 + ["./clip.mp4#t=30.00"] * 2
    assert not [tag for tag, _ in Checker(page(FULL, FACTS, [], {})).tags if tag in ("a", "img")]


@pytest.mark.parametrize(
    ("name", "href"),
    [
        ("javascript:alert(1).mp4", "./javascript%3Aalert%281%29.mp4#t="),
        ("a b#c?.mp4", "./a%20b%23c%3F.mp4#t="),
        ("../clip.mp4", "../clip.mp4#t="),
        ("//evil.example/x.mp4", "/evil.example/x.mp4#t="),
        ('">.mp4', "./%22%3E.mp4#t="),
        ("b\udcff.mp4", "./b%FF.mp4#t="),
    ],
)
def test_a_video_name_is_only_ever_a_path(name: str, href: str) -> None:
    links = [
        str(attrs["href"])
        for tag, attrs in Checker(page(FULL, FACTS, [], {}, name)).tags
        if tag == "a"
    ]
    assert links
    assert all(link.startswith(href) for link in links)


def test_whatever_comes_from_outside_is_text() -> None:
    result = Result(
        (rep(1, "left", EVIL),),
        (fault(EVIL, 1, 3.0, message=EVIL), fault(EVIL, 1, 3.0, unsure=True, message=EVIL)),
        (),
        (EVIL,),
        (Tip("head_down", "left", 3.0, 5.0, 31.0, 25.0, "deg", EVIL),),
    )
    facts = VideoFacts(f"/x/{EVIL}", 65.3, 30.0, 640, 480, 1959)
    text = page(result, facts, ROWS, {0: PICTURE}, EVIL, EVIL)
    tags = Checker(text).tags
    assert not [tag for tag, _ in tags if tag == "script"]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert text.count(unescape("&lt;script&gt;")) == 0
    assert "alert(1)" in said(text)


def test_names_that_are_no_text_can_still_be_written() -> None:
    page(FULL, FACTS, [], {}, None, "A\udcffnn\x00\u202e").encode("utf-8")


def test_both_counts_stand_side_by_side() -> None:
    human = Result(LEFT[:7], (), (), ())
    words = said(page(FULL, FACTS, [], {}, human=human))
    assert "Left leg 8 7 +1" in words
    assert "Right leg 4 0 +4" in words
    assert "Counted by a human" not in said(page(FULL, FACTS, [], {}))


def test_the_page_says_when_flat_foot_was_not_seen() -> None:
    unseen = replace(rep(1), peak_cm=None, peak_shin=None, bottom_cm=None, bottom_shin=None)
    text = said(page(Result((unseen,), (), (), ()), FACTS, [], {}))
    assert "flat foot was not seen: heights are not known" in text
    assert "dashed" not in text
    assert "above flat foot (dashed)" in said(page(Result((rep(1),), (), (), ()), FACTS, [], {}))


def test_nothing_found_says_so_and_why() -> None:
    words = said(page(NOTHING, FACTS, [], {}))
    assert "No heel rise found." in words
    assert "step back" in words
    assert "Fatigue" not in words


def test_raises_on_both_legs_are_said_to_be_not_judged() -> None:
    assert "Faults not judged" in said(page(Result((rep(1, "both"),), (), (), ()), FACTS, [], {}))
    assert "not judged" not in said(page(FULL, FACTS, [], {}))


ABOUT_ADA = OptionsOfTheTest(age_years=40, sex="female", body_mass_kg=60.0)
TESTED = evaluate(FULL, options=ABOUT_ADA)


def test_a_heel_rise_test_is_on_the_page_with_all_that_the_console_says() -> None:
    words = said(page(FULL, FACTS, [], {}, tested=TESTED))
    for leg in TESTED.legs:
        assert leg.run.stop is not None
        assert leg.run.stop.why in words
        assert f"{len(leg.run.valid)} valid raise" in words
        assert f"{len(leg.run.raw)} Why it stopped" in words
        assert f"{leg.of_norm_percent:.0f}\u00a0%" in words
        assert f"{leg.work_j:.0f}\u00a0J" in words
        assert f"{leg.power_w:.1f}\u00a0W" in words
    assert "reps: " in words
    assert "of the other leg" in words
    assert TESTED.norm is not None
    assert TESTED.norm.text in words
    assert "no warm-up on two legs was seen" in words
    assert "One camera sees neither" in words
    assert "Not a medical device." in words
    assert "Heel-rise test" not in said(page(FULL, FACTS, [], {}))


def test_whose_reps_there_are_is_said_where_there_is_no_symmetry() -> None:
    one = Result(LEFT, (), (), ())
    assert "Only one leg has reps of its own." in said(page(one, FACTS, [], {}))
    both = Result(tuple(replace(rep, side="both") for rep in LEFT), (), (), ())
    assert "Neither leg has reps of its own." in said(page(both, FACTS, [], {}))


def test_what_a_test_does_not_know_is_left_out_of_the_page() -> None:
    words = said(page(NOTHING, FACTS, [], {}, tested=evaluate(NOTHING)))
    assert "No raise of one leg." in words
    in_shins = tuple(replace(one, rise_cm=None) for one in FULL.reps)
    unknown = evaluate(Result(in_shins, (), (), ()))
    words = said(page(FULL, FACTS, [], {}, tested=unknown))
    assert "% shin" in words
    assert not [word for word in ("\u00a0J", "Mean power", "Share of the norm") if word in words]


def test_a_thumbnail_a_sure_fault(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 640, 480, 10.0) as writer:
        for number in range(50):
            writer.write(np.full((480, 640, 3), 5 * number, np.uint8), number / 10)
    faults = (
        fault("no_pause", 1, 3.0),
        fault("rushed", 1, 1.0),
        fault("rushed", 1, 2.0, unsure=True),
        fault("lost_balance", None, 99.0),
    )
    made = thumbnails(path, Result((), faults, (), ()))
    assert sorted(made) == [0, 1, 3]
    pictures = {index: cv2.imdecode(np.frombuffer(made[index], np.uint8), 1) for index in made}
    assert {picture.shape for picture in pictures.values()} == {(240, 320, 3)}
    grey = {index: float(picture.mean()) for index, picture in pictures.items()}
    assert grey == pytest.approx({0: 160.0, 1: 60.0, 3: 245.0}, abs=8.0)
    assert thumbnails(path, Result((), (), (), ())) == {}
    small = cv2.imdecode(np.frombuffer(thumbnails(path, FULL, 9999)[0], np.uint8), 1)
    assert small.shape == (480, 640, 3)


# ---- in a browser ---------------------------------------------------------------------------


@contextmanager
def served(files: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Serve texts on this computer; yield the address and the paths asked for so far."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            text = files.get(self.path)
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def browse(tmp_path: Path, address: str, *how: str) -> tuple[str, list[str]]:
    """Return the page's DOM after loading, and what it wrote to the console."""
    assert CHROMIUM is not None
    ran = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions"),
            *("--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path / 'profile'}"),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            *("--virtual-time-budget=5000", "--dump-dom", *how, address),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return ran.stdout, [line for line in ran.stderr.splitlines() if "CONSOLE" in line]


@needs_chromium
@pytest.mark.parametrize("scheme", [0, 1], ids=["dark", "light"])
def test_chromium_shows_it_without_complaint_or_request(tmp_path: Path, scheme: int) -> None:
    with served({"/report.html": FULL_PAGE}) as (address, asked):
        dom, console = browse(
            tmp_path, f"{address}/report.html", f"--blink-settings=preferredColorScheme={scheme}"
        )
    assert "Not a medical device" in dom
    assert console == []
    assert asked == ["/report.html"]


@needs_chromium
def test_a_page_that_fetches_would_be_noticed(tmp_path: Path) -> None:
    bad = FULL_PAGE.replace("</main>", "<img src=x.png><script>alert(1)</script></main>")
    with served({"/report.html": bad}) as (address, _):
        assert len(browse(tmp_path, f"{address}/report.html")[1]) == 2, "the policy forbids both"
    open_to_all = bad.replace("Content-Security-Policy", "x").replace("alert(1)", "nothing()")
    with served({"/report.html": open_to_all}) as (address, asked):
        console = browse(tmp_path, f"{address}/report.html")[1]
    assert "/x.png" in asked
    assert any("nothing is not defined" in line for line in console)


def in_frames(tmp_path: Path, text: str, told: str) -> dict[str, Any]:
    """Return what JavaScript tells of `root`, the page in a frame of each width, in Chromium."""
    frames = "".join(
        f'<iframe src="report.html" width="{w}" height="600"></iframe>' for w in WIDTHS
    )
    script = (
        "onload = () => { const wide = {};"
        " for (const frame of document.querySelectorAll('iframe')) {"
        " const root = frame.contentDocument.documentElement;"
        f" wide[frame.width] = {told}; }}"
        " document.body.innerHTML = '<pre>' + JSON.stringify(wide) + '</pre>'; }"
    )
    outer = f"<!DOCTYPE html><style>iframe {{ border: 0 }}</style>{frames}<script>{script}</script>"
    with served({"/outer.html": outer, "/report.html": text}) as (address, _):
        # those of a phone take no room
        dom, _console = browse(tmp_path, f"{address}/outer.html", "--hide-scrollbars")
    found = re.search(r"<pre>(.*?)</pre>", dom)
    assert found is not None
    wide: dict[str, Any] = json.loads(unescape(found[1]))
    return wide


def overflows(tmp_path: Path, text: str) -> dict[str, int]:
    """Return by how many pixels the page is wider than frames of the widths."""
    return in_frames(tmp_path, text, "root.scrollWidth - root.clientWidth")


@needs_chromium
def test_nothing_is_wider_than_a_phone_or_a_screen(tmp_path: Path) -> None:
    long = "Donaudampfschifffahrtsgesellschaft" * 6
    result = Result(FULL.reps, (fault(long, 1, 3.0, message=long),), FULL.sets, (long,), FULL.tips)
    facts = VideoFacts(f"/x/{long}.mp4", 65.3, 30.0, 640, 480, 1959)
    text = page(result, facts, ROWS, {0: PICTURE}, "clip.mp4", long, FULL, TESTED)
    wide = overflows(tmp_path, text)
    assert set(wide) == set(map(str, WIDTHS))
    assert max(wide.values()) <= 0
    tall = text.replace("</main>", '<p style="width: 500px">wide</p></main>')
    assert overflows(tmp_path, tall)["360"] > 0, "what is too wide would be noticed"


@needs_chromium
def test_both_counts_fit_on_a_phone(tmp_path: Path) -> None:
    less = replace(FULL, reps=FULL.reps[1:])
    table = "[aria-label^='Reps as heelrise counted']"
    hidden = f'(box => box.scrollWidth - box.clientWidth)(root.querySelector("{table}"))'
    text = page(FULL, FACTS, ROWS, {}, None, None, less)
    assert in_frames(tmp_path, text, hidden) == dict.fromkeys(map(str, WIDTHS), 0)


@needs_chromium
def test_the_faults_of_a_rep_are_in_sight_once(tmp_path: Path) -> None:
    many = ("no_pause", "incomplete_top", "knee_bend", "trunk_lean")
    text = page(replace(FULL, reps=(rep(1, "left", *many), rep(2))), FACTS, [], {})
    seen = (
        "[...root.querySelectorAll('td')].filter(cell => /no pause/.test(cell.textContent))"
        ".map(cell => { const range = new Range(); range.selectNodeContents(cell);"
        " return range.getBoundingClientRect(); })"
        ".filter(box => box.width > 0).map(box => box.right <= root.clientWidth)"
    )
    assert in_frames(tmp_path, text, seen) == {str(width): [True] for width in WIDTHS}
    # a row is no higher for words that stand elsewhere
    heights = (
        "[...root.querySelectorAll('[aria-label^=Rises] tbody tr:not(.below)')]"
        ".map(row => row.getBoundingClientRect().height)"
    )
    for width, (with_faults, without) in in_frames(tmp_path, text, heights).items():
        assert with_faults <= without or int(width) > 768


@needs_chromium
def test_it_prints_to_a4(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    (tmp_path / "report.html").write_text(FULL_PAGE, encoding="utf-8")
    pdf = tmp_path / "report.pdf"
    subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={pdf}"),
            (tmp_path / "report.html").as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf.read_bytes())
    assert 2 <= len(boxes) <= 4
    for width, height in boxes:
        assert (float(width), float(height)) == pytest.approx((595.0, 842.0), abs=1.0)
