"""The report as one HTML page that needs nothing beside it: no script, no request, no font.

It reads on a phone and a wide screen, light and dark, and prints to A4. Whatever comes from
outside (names, messages, warnings) is escaped, and the page forbids itself scripts and requests
(Content-Security-Policy). A link to a moment of the video opens it in the browser's own player.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from heelrise import __version__
from heelrise import html_parts as html
from heelrise.chart_style import CSS as CHART_CSS
from heelrise.charts import FLAT_UNSEEN, bars_svg, height_svgs
from heelrise.heel_rise_result import LegResult, TestResult
from heelrise.report import doubt_lines, fault_words, minutes
from heelrise.result import SIDES, Fault, Rep, Result, Side, Tip, VideoFacts
from heelrise.series import Row
from heelrise.summary import LegSummary, Middle, Summary, fatigue_words, summarize
from heelrise.terminal import many

LEG_NAMES: dict[Side, str] = {"left": "Left leg", "right": "Right leg", "both": "Both legs"}
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
    video = None if video_href is None else html.href(video_href)
    parts = [
        _warnings(result.warnings),
        "" if tested is None else _test(tested),
        _legs(summary.legs),
        "" if human is None else _two_counts(result, human),
        _symmetry(summary) if summary.legs else "",
        _fatigue(summary.legs),
        _heights(result, rows),
        _bars(result),
        _reps(result.reps),
        _faults(result.faults, thumbnails, video),
        _doubts(result.faults),
        _tips(result.tips),
    ]
    style = CHART_CSS + files("heelrise").joinpath("page.css").read_text(encoding="utf-8")
    title = html.text(person) if person else html.text(Path(facts.path).name)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>Calf raises: {title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{_header(facts, person)}\n" + "\n".join(filter(None, parts)) + "\n</main>\n"
        f"<footer><p>Not a medical device: it measures and counts, it does not diagnose. "
        f"Made by heelrise {__version__}.</p></footer>\n</body>\n</html>\n"
    )


# ---- the sections, in the order of the page -------------------------------------------------


def _header(facts: VideoFacts, person: str | None) -> str:
    name = html.text(Path(facts.path).name)
    who = f"Calf raises: <bdi>{html.text(person)}</bdi>" if person else "Calf raises"
    size = f"{facts.width} \u00d7 {facts.height} at {facts.fps:.0f} pictures a second"
    return (
        f"<header><h1>{who}</h1>"
        f"<p><bdi>{name}</bdi>, {minutes(facts.duration_s)} min, {size}</p></header>"
    )


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return html.section("Warnings", html.bullets(warnings), "whole warning")


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
        html.note("Rises, work and power are those of the valid raises."),
        f"<h3>Symmetry</h3>{html.bullets(symmetry)}" if symmetry else "",
        f"<h3>Not as the protocol says</h3>{html.bullets(tested.deviations)}"
        if tested.deviations
        else "",
        "" if tested.norm is None else html.note(f"Norm: {html.text(tested.norm.text)}"),
        *(html.note(html.text(line)) for line in tested.notes),
    ]
    return html.section("Heel-rise test", "".join(parts), "whole")


def _tested_leg(leg: LegResult) -> str:
    run = leg.run
    facts = [("Raw raises", str(len(run.raw)))]
    if run.practice:
        facts.append(("Of these practice", str(run.practice)))
    ended = "not stopped" if run.stop is None else f"{run.stop.why}, at {minutes(run.stop.t_s)}"
    facts.append(("Why it stopped", html.text(ended)))
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
        return html.section("Result", "<p>No heel rise found.</p>", "whole")
    cards = "".join(_leg(leg) for leg in legs)
    return html.section("Result", f'<div class="legs">{cards}</div>', "whole")


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
    head = html.head(
        ("leg", "text"), ("heelrise", "number"), ("human", "number"), ("differ\u00adence", "number")
    )
    table = html.table("Reps as heelrise counted them, and as a human corrected them", head, body)
    return html.section("Counted by a human", table, "whole")


def _symmetry(summary: Summary) -> str:
    if summary.symmetry is None:
        whose = "Neither" if all(leg.side == "both" for leg in summary.legs) else "Only one"
        words = f"<p>{whose} leg has reps of its own.</p>"
        return html.section("Left and right", words, "whole")
    body = "".join(
        f'<tr><th scope="row" class="text">{one.measure.capitalize()}</th>'
        f"<td>{_amount(one.left, one.unit)}</td><td>{_amount(one.right, one.unit)}</td>"
        f"<td>{one.left_right_pct:.0f}\u00a0%</td><td>{one.lower_higher_pct:.0f}\u00a0%</td>"
        f'<td class="text">{one.lower or "equal"}</td></tr>'
        for one in summary.symmetry
    )
    head = html.head(
        ("measure", "text"),
        *(
            ("left", "number"),
            ("right", "number"),
            ("left /\u00a0right", "number"),
            ("lower /\u00a0higher", "number"),
        ),
        ("lower leg", "text"),
    )
    table = html.table("Limb symmetry index: 100\u00a0% means equal", head, body)
    return html.section("Left and right", table, "whole")


def _fatigue(legs: Sequence[LegSummary]) -> str:
    lines = [
        f"<li>{LEG_NAMES[leg.side]}: {html.text(fatigue_words(leg.fatigue))}</li>"
        for leg in legs
        if leg.fatigue is not None
    ]
    if not lines:
        return ""
    note = html.note(
        "Height lost from the first to the last third of the longest set. The band comes from the "
        "scatter of the rises and from how far off each may be in this view."
    )
    return html.section("Fatigue", f"<ul>{''.join(lines)}</ul>{note}", "whole")


def _heights(result: Result, rows: Sequence[Row]) -> str:
    charts = height_svgs(result, rows)
    if not charts:
        return ""
    boxes = "".join(
        f"<figure>{html.scroll(f'Height over time, part {number}', chart)}</figure>"
        for number, chart in enumerate(charts, start=1)
    )
    measured = [row.level_shin for row in rows] + [rep.peak_shin for rep in result.reps]
    if any(level is not None for level in measured):
        shown = (
            "Height of the heel above flat foot (dashed). Bands are reps, thick lines their hold"
        )
    else:
        shown = f"The {FLAT_UNSEEN}. Bands are reps"
    note = html.note(f"{shown}, numbers those of the table; markers are faults.")
    kind = "" if len(charts) > 1 else "whole"
    return html.section("Height over time", boxes + note, kind)


def _bars(result: Result) -> str:
    chart = bars_svg(result)
    if not chart:
        return ""
    return html.section(
        "Rep by rep", f"<figure>{html.scroll('Rise, hold and tempo', chart)}</figure>", "whole"
    )


def _reps(reps: Sequence[Rep]) -> str:
    if not reps:
        return ""
    body = "".join(map(_rep, reps))
    unit = "cm" if any(rep.rise_cm is not None for rep in reps) else "% of shin"
    head = html.head(
        *(("rep", "number"), ("leg", "text"), ("start", "number"), (f"rise, {unit}", "number")),
        *(("hold, s", "number"), ("up, s", "number"), ("down, s", "number")),
        ("faults", "text aside"),
    )
    caption = "Rises with one standard deviation of how far off they may be"
    return html.section("All reps", html.table(caption, head, body))


def _rep(rep: Rep) -> str:
    """Write a row; its faults stand beside it, or below it where the screen is narrow."""
    faults = html.text(", ".join(fault_words(kind) for kind in rep.faults))
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
    return html.section("Faults", f'<div class="faults">{cards}</div>')


def _fault(fault: Fault, picture: bytes | None, video: str | None) -> str:
    words = html.text(fault_words(fault.kind))
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
        f'<p class="note">{html.text(fault.message)}</p></div></article>'
    )


def _doubts(faults: Sequence[Fault]) -> str:
    lines = [line.removeprefix("Could not be judged: ") for line in doubt_lines(faults)]
    if not lines:
        return ""
    note = html.note(
        "The picture cannot show whether these were so; they are in no count of faults."
    )
    return html.section("Could not be judged", html.bullets(lines) + note, "whole")


def _tips(tips: Sequence[Tip]) -> str:
    if not tips:
        return ""
    return html.section(
        "Tips", html.bullets(f"{tip.message}, at {minutes(tip.start_s)}" for tip in tips)
    )


def _card(side: Side, count: str, facts: Iterable[tuple[str, str]]) -> str:
    """Put what is known of a leg under its count."""
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return (
        f'<div class="leg {side}"><h3>{LEG_NAMES[side]}</h3>'
        f'<p class="count">{count}</p><dl>{listed}</dl></div>'
    )


# ---- values in words ------------------------------------------------------------------------


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
