"""The report as one HTML page that needs nothing beside it: no script, no request, no font.

It reads on a phone and a wide screen, light and dark, and prints to A4. Whatever comes from
outside (names, messages, warnings) is escaped, and the page forbids itself scripts and requests
(Content-Security-Policy). A link to a moment of the video opens it in the browser's own player.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from heelrise import __version__
from heelrise.chart_style import CSS as CHART_CSS
from heelrise.charts import FLAT_UNSEEN, bars_svg, height_svgs
from heelrise.frames import VideoFile
from heelrise.heel_rise_result import LegResult, TestResult
from heelrise.image import Image
from heelrise.report import doubt_lines, fault_words, minutes
from heelrise.result import SIDES, Fault, Rep, Result, Side, Tip, VideoFacts
from heelrise.series import Row
from heelrise.summary import LegSummary, Middle, Symmetry, fatigue_words, summarize
from heelrise.terminal import many, printable

LEG_NAMES: dict[Side, str] = {"left": "Left leg", "right": "Right leg", "both": "Both legs"}
_JPEG_QUALITY = 80

_CSS = (
    CHART_CSS
    + """
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --ink: #1c2024;
  --faint: #565e68; --rule: #d9dde2; --link: #00578a; --warn: #fff4d6; --warn-rule: #c98a00; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1e2228;
  --ink: #e8eaed; --faint: #a9b1bb; --rule: #363c45; --link: #7cc4f2; --warn: #3a2f12;
  --warn-rule: #e0a526; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
main, footer { max-width: 62rem; margin: 0 auto; padding: 1rem; }
header h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.2; }
header p { margin: 0; color: var(--faint); }
section { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem;
  padding: 1rem; margin: 1rem 0; }
h2 { margin: 0 0 .6rem; font-size: 1.15rem; }
h3 { margin: 0 0 .3rem; font-size: 1rem; }
p + h3, ul + h3 { margin-top: .9rem; }
p { margin: .4rem 0; }
ul { margin: .4rem 0; padding-left: 1.2rem; }
a { color: var(--link); }
.note { color: var(--faint); font-size: .9em; }
.warning { background: var(--warn); border-left: .3rem solid var(--warn-rule); }
.legs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
  gap: 1rem; }
.leg { border-left: .3rem solid var(--leg); padding-left: .8rem; }
.left { --leg: var(--chart-left); } .right { --leg: var(--chart-right); }
.both { --leg: var(--chart-both); }
.count { font-size: 2rem; line-height: 1.1; font-weight: 650; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: .5rem 0 0; }
dt { color: var(--faint); } dd { margin: 0; }
figure { margin: 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg.chart { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
caption { text-align: left; max-width: calc(100vw - 3.6rem); color: var(--faint);
  font-size: .9em; padding-bottom: .3rem; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--rule);
  vertical-align: top; white-space: nowrap; }
thead th { border-bottom-width: 2px; }
th.text, td.text { text-align: left; }
td.words { min-width: 10rem; white-space: normal; }
tr.below { display: none; }
.faults { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
  gap: 1rem; }
.fault { border: 1px solid var(--rule); border-radius: .4rem; overflow: hidden; }
.fault img { display: block; width: 100%; height: auto; background: #000; }
.fault div { padding: .6rem .8rem; }
footer { color: var(--faint); font-size: .9em; padding-top: 0; }
@media screen and (max-width: 48rem) {
  thead th { white-space: normal; }
  /* seven columns fill it: an eighth would be out of sight */
  .aside { display: none; }
  tr.below { display: table-row; }
  tr.faulty > * { border-bottom: 0; }
  tr.below td { padding: 0 0 .3rem 2rem; text-align: left; white-space: normal; }
  tr.below span { display: block; max-width: calc(100vw - 5.6rem); }
}
@media screen and (max-width: 30rem) {
  section { padding: .8rem; }
  table { font-size: .85em; }
  caption { font-size: 1em; }
  th, td { padding: .3rem .2rem; }
}
@page { size: A4; margin: 14mm; }
@media print {
  :root { --page: #fff; }
  body { font-size: 10pt; }
  main, footer { max-width: none; padding: 0; }
  section { padding: .6rem; margin: .6rem 0; }
  section.whole, .leg, .fault, tr, figure { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  svg.chart { min-width: 0 !important; }
  .faults { grid-template-columns: repeat(3, 1fr); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def page(
    result: Result,
    facts: VideoFacts,
    rows: Sequence[Row],
    thumbnails: Mapping[int, bytes],
    video_href: str | None = None,
    person: str | None = None,
    human: Result | None = None,
    tested: TestResult | None = None,
) -> str:
    """Return the report as the text of one HTML file, UTF-8.

    Parameters
    ----------
    result, facts : Result, VideoFacts
        What was found in which recording.
    rows : sequence of Row
        The time series, for the height of the heel; may be empty.
    thumbnails : mapping of int to bytes
        JPEG pictures by the index of their fault in ``result.faults``; may be empty.
    video_href : str, optional
        Path of the video as seen from the page, not percent-encoded; its moments are linked.
    person : str, optional
        Who it was.
    human : Result, optional
        The same recording as a human counted it: both counts are shown side by side.
    tested : TestResult, optional
        The heel-rise test that the recording was.
    """
    summary = summarize(result)
    video = None if video_href is None else _href(video_href)
    parts = [
        _warnings(result.warnings),
        "" if tested is None else _test(tested),
        _legs(summary.legs),
        "" if human is None else _two_counts(result, human),
        _symmetry(summary.symmetry) if summary.legs else "",
        _fatigue(summary.legs),
        _heights(result, rows),
        _bars(result),
        _reps(result.reps),
        _faults(result.faults, thumbnails, video),
        _doubts(result.faults),
        _tips(result.tips),
    ]
    title = _text(person) if person else _text(Path(facts.path).name)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>Calf raises: {title}</title>\n<style>\n{_CSS}</style>\n</head>\n<body>\n<main>\n"
        f"{_header(facts, person)}\n" + "\n".join(filter(None, parts)) + "\n</main>\n"
        f"<footer><p>Not a medical device: it measures and counts, it does not diagnose. "
        f"Made by heelrise {__version__}.</p></footer>\n</body>\n</html>\n"
    )


def thumbnails(path_of_video: Path, result: Result, max_width_px: int = 320) -> dict[int, bytes]:
    """Return a JPEG of the middle of every sure fault, by its index in ``result.faults``.

    The video is decoded once, up to the last fault; a fault beyond its end has its last picture.

    Raises
    ------
    HeelriseError
        When the video cannot be read.
    """
    wanted = sorted(
        ((fault.start_s + fault.end_s) / 2, index)
        for index, fault in enumerate(result.faults)
        if not fault.unsure
    )
    found: dict[int, bytes] = {}
    if not wanted:
        return found
    with VideoFile(path_of_video) as video:
        last: Image | None = None
        for frame in video:
            last = frame.image
            while wanted and frame.t_s >= wanted[0][0]:
                found[wanted.pop(0)[1]] = _jpeg(frame.image, max_width_px)
            if not wanted:
                break
    for _, index in wanted:
        if last is not None:
            found[index] = _jpeg(last, max_width_px)
    return found


def _jpeg(image: Image, max_width_px: int) -> bytes:
    import cv2

    height, width = image.shape[:2]
    if width > max_width_px:
        size = (max_width_px, max(1, round(height * max_width_px / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype)
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return bytes(coded.tobytes())


# ---- the sections, in the order of the page -------------------------------------------------


def _header(facts: VideoFacts, person: str | None) -> str:
    name = _text(Path(facts.path).name)
    who = f"Calf raises: <bdi>{_text(person)}</bdi>" if person else "Calf raises"
    size = f"{facts.width} \u00d7 {facts.height} at {facts.fps:.0f} pictures a second"
    return (
        f"<header><h1>{who}</h1>"
        f"<p><bdi>{name}</bdi>, {minutes(facts.duration_s)} min, {size}</p></header>"
    )


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return _section("Warnings", _list(warnings), "whole warning")


def _test(tested: TestResult) -> str:
    """Show what the heel-rise test gave, and what has to be read with it."""
    cards = "".join(_tested_leg(leg) for leg in tested.legs)
    legs = f'<div class="legs">{cards}</div>' if cards else "<p>No raise of one leg.</p>"
    symmetry = [
        f"{measure}: {lsi.leg} {lsi.percent:.0f}\u00a0% of the other leg"
        for measure, lsi in tested.symmetry.items()
        if lsi is not None
    ]
    parts = [
        legs,
        _note("Rises, work and power are those of the valid raises."),
        f"<h3>Symmetry</h3>{_list(symmetry)}" if symmetry else "",
        f"<h3>Not as the protocol says</h3>{_list(tested.deviations)}" if tested.deviations else "",
        "" if tested.norm is None else _note(f"Norm: {_text(tested.norm.text)}"),
        *(_note(_text(line)) for line in tested.notes),
    ]
    return _section("Heel-rise test", "".join(parts), "whole")


def _tested_leg(leg: LegResult) -> str:
    run = leg.run
    facts = [("Raw raises", str(len(run.raw)))]
    if run.practice:
        facts.append(("Of these practice", str(run.practice)))
    ended = "not stopped" if run.stop is None else f"{run.stop.why}, at {minutes(run.stop.t_s)}"
    facts.append(("Why it stopped", _text(ended)))
    if leg.of_norm_percent is not None:
        facts.append(("Share of the norm", f"{leg.of_norm_percent:.0f}\u00a0%"))
    in_cm = leg.displacement_cm is not None
    moved = leg.displacement_cm if leg.displacement_cm is not None else leg.displacement_shin
    facts.append(("All rises together", _amount(moved, "cm" if in_cm else "shin")))
    more = (
        ("Mean rise", leg.mean_cm, "cm", 1),
        ("Highest rise", leg.highest_cm, "cm", 1),
        ("Work", leg.work_j, "J", 0),
        ("Mean power", leg.power_w, "W", 1),
    )
    facts += [
        (name, f"{value:.{digits}f}\u00a0{unit}")
        for name, value, unit, digits in more
        if value is not None
    ]
    return _card(run.side, many(len(run.valid), "valid raise"), facts)


def _legs(legs: Sequence[LegSummary]) -> str:
    if not legs:
        return _section("Result", "<p>No heel rise found.</p>", "whole")
    cards = "".join(_leg(leg) for leg in legs)
    return _section("Result", f'<div class="legs">{cards}</div>', "whole")


def _leg(leg: LegSummary) -> str:
    facts = [
        ("Mean rise", _rise(leg, "mean")),
        ("Median rise", _rise(leg, "median")),
        ("All rises together", _rise(leg, "total")),
        ("Mean hold", _seconds(leg.hold_s, "mean")),
        ("Up, down (median)", f"{_seconds(leg.up_s)}, {_seconds(leg.down_s)}"),
        ("Faults", "not judged" if leg.side == "both" else str(leg.faults)),
    ]
    if leg.unsure:
        facts.append(("Could not be judged", str(leg.unsure)))
    return _card(leg.side, many(leg.reps, "rep"), facts)


def _two_counts(result: Result, human: Result) -> str:
    sides = [side for side in SIDES if result.count(side) or human.count(side)]
    lines = [
        (LEG_NAMES[side], result.count(side), human.count(side), _signed(result, human, side))
        for side in sides
    ]
    body = "".join(
        f'<tr><th scope="row" class="text">{name}</th>'
        f"<td>{found}</td><td>{counted}</td><td>{apart}</td></tr>"
        for name, found, counted, apart in lines
    )
    # the longest word may part, on the narrowest phone
    head = _head(
        ("leg", "text"), ("heelrise", "number"), ("human", "number"), ("differ\u00adence", "number")
    )
    table = _table("Reps as heelrise counted them, and as a human corrected them", head, body)
    return _section("Counted by a human", table, "whole")


def _symmetry(found: Sequence[Symmetry] | None) -> str:
    if found is None:
        return _section("Left and right", "<p>Only one leg has reps of its own.</p>", "whole")
    body = "".join(
        f'<tr><th scope="row" class="text">{one.measure.capitalize()}</th>'
        f"<td>{_amount(one.left, one.unit)}</td><td>{_amount(one.right, one.unit)}</td>"
        f"<td>{one.left_right_pct:.0f}\u00a0%</td><td>{one.lower_higher_pct:.0f}\u00a0%</td>"
        f'<td class="text">{one.lower or "equal"}</td></tr>'
        for one in found
    )
    head = _head(
        ("measure", "text"),
        *(
            ("left", "number"),
            ("right", "number"),
            ("left /\u00a0right", "number"),
            ("lower /\u00a0higher", "number"),
        ),
        ("lower leg", "text"),
    )
    table = _table("Limb symmetry index: 100\u00a0% means equal", head, body)
    return _section("Left and right", table, "whole")


def _fatigue(legs: Sequence[LegSummary]) -> str:
    lines = [
        f"<li>{LEG_NAMES[leg.side]}: {_text(fatigue_words(leg.fatigue))}</li>"
        for leg in legs
        if leg.fatigue is not None
    ]
    if not lines:
        return ""
    note = _note(
        "Height lost from the first to the last third of the longest set. The band comes from the "
        "scatter of the rises and from how far off each may be in this view."
    )
    return _section("Fatigue", f"<ul>{''.join(lines)}</ul>{note}", "whole")


def _heights(result: Result, rows: Sequence[Row]) -> str:
    charts = height_svgs(result, rows)
    if not charts:
        return ""
    boxes = "".join(
        f"<figure>{_scroll(f'Height over time, part {number}', chart)}</figure>"
        for number, chart in enumerate(charts, start=1)
    )
    measured = [row.level_shin for row in rows] + [rep.peak_shin for rep in result.reps]
    if any(level is not None for level in measured):
        shown = (
            "Height of the heel above flat foot (dashed). Bands are reps, thick lines their hold"
        )
    else:
        shown = f"The {FLAT_UNSEEN}. Bands are reps"
    note = _note(f"{shown}, numbers those of the table; markers are faults.")
    kind = "" if len(charts) > 1 else "whole"
    return _section("Height over time", boxes + note, kind)


def _bars(result: Result) -> str:
    chart = bars_svg(result)
    if not chart:
        return ""
    return _section(
        "Rep by rep", f"<figure>{_scroll('Rise, hold and tempo', chart)}</figure>", "whole"
    )


def _reps(reps: Sequence[Rep]) -> str:
    if not reps:
        return ""
    body = "".join(map(_rep, reps))
    unit = "cm" if any(rep.rise_cm is not None for rep in reps) else "% of shin"
    head = _head(
        *(("rep", "number"), ("leg", "text"), ("start", "number"), (f"rise, {unit}", "number")),
        *(("hold, s", "number"), ("up, s", "number"), ("down, s", "number")),
        ("faults", "text aside"),
    )
    caption = "Rises with one standard deviation of how far off they may be"
    return _section("All reps", _table(caption, head, body))


def _rep(rep: Rep) -> str:
    """Write a row; its faults stand beside it, or below it where the screen is narrow."""
    faults = _text(", ".join(fault_words(kind) for kind in rep.faults))
    kind = ' class="faulty"' if faults else ""
    row = (
        f'<tr{kind}><th scope="row">{rep.number}</th><td class="text">{rep.side}</td>'
        f"<td>{minutes(rep.start_s)}</td><td>{_rep_rise(rep)}</td><td>{rep.hold_s:.2f}</td>"
        f"<td>{rep.up_s:.2f}</td><td>{rep.down_s:.2f}</td>"
        f'<td class="text words aside">{faults}</td></tr>'
    )
    below = f'<tr class="below"><td colspan="7"><span>{faults}</span></td></tr>'
    return row + below if faults else row


def _faults(faults: Sequence[Fault], pictures: Mapping[int, bytes], video: str | None) -> str:
    cards = "".join(
        _fault(fault, pictures.get(index), video)
        for index, fault in enumerate(faults)
        if not fault.unsure
    )
    if not cards:
        return ""
    return _section("Faults", f'<div class="faults">{cards}</div>')


def _fault(fault: Fault, picture: bytes | None, video: str | None) -> str:
    words = _text(fault_words(fault.kind))
    where = f"rep {fault.rep}" if fault.rep is not None else "between reps"
    at = minutes(fault.start_s)
    moment = None if video is None else f"{video}#t={max(fault.start_s, 0.0):.2f}"
    when = at if moment is None else f'<a href="{moment}">{at} in the video</a>'
    shown = ""
    if picture is not None:
        source = f"data:image/jpeg;base64,{base64.b64encode(picture).decode('ascii')}"
        shown = f'<img src="{source}" alt="The moment: {words}, {where}, at {at}">'
        if moment is not None:
            shown = f'<a href="{moment}">{shown}</a>'
    return (
        f'<article class="fault">{shown}<div><h3>{words[:1].upper()}{words[1:]}</h3>'
        f"<p>{where[:1].upper()}{where[1:]}, {fault.side}, {when}</p>"
        f'<p class="note">{_text(fault.message)}</p></div></article>'
    )


def _doubts(faults: Sequence[Fault]) -> str:
    lines = [line.removeprefix("Could not be judged: ") for line in doubt_lines(faults)]
    if not lines:
        return ""
    note = _note("The picture cannot show whether these were so; they are in no count of faults.")
    return _section("Could not be judged", _list(lines) + note, "whole")


def _tips(tips: Sequence[Tip]) -> str:
    if not tips:
        return ""
    return _section("Tips", _list(f"{tip.message}, at {minutes(tip.start_s)}" for tip in tips))


# ---- bricks ---------------------------------------------------------------------------------


def _section(title: str, content: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f"<section{named}><h2>{title}</h2>{content}</section>"


def _card(side: Side, count: str, facts: Iterable[tuple[str, str]]) -> str:
    """Put what is known of a leg under its count."""
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return (
        f'<div class="leg {side}"><h3>{LEG_NAMES[side]}</h3>'
        f'<p class="count">{count}</p><dl>{listed}</dl></div>'
    )


def _scroll(label: str, content: str) -> str:
    """Put what may be too wide for a phone into a box that scrolls, by keys too."""
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">{content}</div>'


def _table(caption: str, head: str, body: str) -> str:
    table = f"<table><caption>{caption}</caption>{head}<tbody>{body}</tbody></table>"
    return _scroll(caption, table)


def _head(*columns: tuple[str, str]) -> str:
    cells = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"


def _note(text: str) -> str:
    return f'<p class="note">{text}</p>'


def _text(value: str) -> str:
    """Return text from outside fit for HTML, also inside an attribute."""
    # a name on disk may hold bytes that are no UTF-8; Python reads them as lone surrogates
    readable = value.encode("utf-8", "replace").decode("utf-8")
    return escape(printable(readable), quote=True)


def _href(path: str) -> str:
    """Return a file's path as a relative address: no scheme and no query can come of it."""
    address = quote(os.fsencode(path))
    if address.startswith("/"):
        return "/" + address.lstrip("/")  # two would begin a host's name
    return address if address.startswith("../") else f"./{address}"


def _rise(leg: LegSummary, which: str) -> str:
    measure, unit = (leg.rise_cm, "cm") if leg.rise_cm is not None else (leg.rise_shin, "shin")
    value = None if measure is None else getattr(measure, which)
    if measure is None or value is None:
        return "not known"
    some = f" (of {measure.known} reps)" if measure.known < leg.reps else ""
    return _amount(value, unit) + some


def _amount(value: float, unit: str) -> str:
    """Write a count, centimetres, or shin lengths; a sum may be several shins long."""
    if unit == "shin":
        return f"{100 * value:.0f}\u00a0% shin" if value < 1 else f"{value:.2f} shins"
    return f"{value:.1f}\u00a0cm" if unit == "cm" else f"{value:.0f}"


def _seconds(measure: Middle | None, which: str = "median") -> str:
    return "not known" if measure is None else f"{getattr(measure, which):.2f}\u00a0s"


def _rep_rise(rep: Rep) -> str:
    if rep.rise_cm is not None:
        off = "" if rep.rise_sd_cm is None else f" \u00b1 {rep.rise_sd_cm:.1f}"
        return f"{rep.rise_cm:.1f}{off}"
    off = "" if rep.rise_sd_shin is None else f" \u00b1 {100 * rep.rise_sd_shin:.0f}"
    return f"{100 * rep.rise_shin:.0f}{off}"


def _signed(result: Result, human: Result, side: Side) -> str:
    apart = result.count(side) - human.count(side)
    return f"{apart:+d}" if apart else "none"
