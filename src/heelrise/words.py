"""Every word a user reads on the picture or hears, one :class:`Words` a language.

Another language is one more value here and no other change. Cues have at most six words: more
cannot be read from three metres while balancing on one foot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from heelrise.guided_test import TestStage
from heelrise.heel_rise_test import Prompt
from heelrise.moment import Phase
from heelrise.result import Side


class Guide(StrEnum):
    """What to change before a set can start, and what the camera does; the first matters most."""

    CAMERA_LOST = "camera lost"
    CAMERA_FROZEN = "camera frozen"
    CAMERA_BLACK = "camera black"
    DARK = "dark"
    NOBODY = "nobody"
    FEET = "feet"
    HEAD = "head"
    BODY = "body"
    NEARER = "nearer"
    UNSTEADY = "unsteady"
    TWO_PEOPLE = "two people"
    SIDE_ON = "side on"
    STAND_STILL = "stand still"
    READY = "ready"


@dataclass(frozen=True)
class Words:
    """Every word of one language.

    Attributes
    ----------
    code : {"en", "de"}
        Of the language, as a voice is asked for it: "en".
    cues : mapping of str to str
        Kind of fault -> at most six words, most important kind first: a fall comes before a low
        heel, and the range before the pause, for half a rise held for long is still half a rise.
    praise : str
        For a rep without a fault.
    phases : mapping of Phase to str
        What the person is doing, in a word or two.
    sides : mapping of Side to str
        Whose count it is.
    reps : str
        Name of the count while no leg is known.
    gauge, flat, step, best : str
        Labels of the heel gauge: its title, floor level, step level, own highest peak.
    floor : str
        What is stood on, beside ``step``.
    guides : mapping of Guide to str
        What to do before the first rise, at most six words.
    change_legs, both_done, rest, paused, goal, valid : str
        Between sets; ``goal`` stands before the number of reps that is aimed at, ``valid`` before
        that of the valid raises in the heel-rise test.
    undone, reset, muted : str
        What a key has done.
    lighter_model : str
        Said once, when the machine is too slow for the model.
    prompts : mapping of Prompt to str
        What is asked for in the heel-rise test.
    test_stages : mapping of TestStage to str
        What comes next in it; ``stop`` when a leg is over.
    stop : str
    beat : tuple of (str, str)
        What to do on this beat: up, down.
    privacy : str
        Why nobody need worry.
    keys : tuple of (str, str)
        Key and what it does.
    """

    code: Literal["en", "de"]
    cues: Mapping[str, str]
    praise: str
    phases: Mapping[Phase, str]
    sides: Mapping[Side, str]
    reps: str
    gauge: str
    flat: str
    step: str
    floor: str
    best: str
    guides: Mapping[Guide, str]
    change_legs: str
    both_done: str
    rest: str
    paused: str
    goal: str
    valid: str
    undone: str
    reset: str
    muted: str
    lighter_model: str
    prompts: Mapping[Prompt, str]
    test_stages: Mapping[TestStage, str]
    stop: str
    beat: tuple[str, str]
    privacy: str
    keys: tuple[tuple[str, str], ...]


ENGLISH = Words(
    code="en",
    cues={
        "foot_touchdown": "Free foot touched down",
        "lost_balance": "Keep your balance",
        "incomplete_top": "Rise higher",
        "incomplete_bottom": "Heel lower at the bottom",
        "knee_bend": "Keep the knee straight",
        "trunk_lean": "Body upright",
        "no_pause": "Pause at the top",
        "rushed": "Lower slowly",
    },
    praise="Good: high, held and steady",
    phases={
        Phase.AWAY: "NOT SEEN",
        Phase.STANDING: "READY",
        Phase.RISING: "UP",
        Phase.TOP: "HOLD",
        Phase.LOWERING: "DOWN",
    },
    sides={"left": "LEFT", "right": "RIGHT", "both": "TWO LEGS"},
    reps="REPS",
    gauge="HEEL",
    flat="flat",
    step="step",
    floor="floor",
    best="best",
    guides={
        Guide.CAMERA_LOST: "Camera lost: check its cable",
        Guide.CAMERA_FROZEN: "Camera frozen: plug it in again",
        Guide.CAMERA_BLACK: "Picture black: uncover the camera",
        Guide.DARK: "Switch on more light",
        Guide.NOBODY: "Step into the picture",
        Guide.FEET: "Step back: show your feet",
        Guide.HEAD: "Step back: show your head",
        Guide.BODY: "Step back: show head and feet",
        Guide.NEARER: "Come nearer",
        Guide.UNSTEADY: "More light, plain background",
        Guide.TWO_PEOPLE: "One person only, please",
        Guide.SIDE_ON: "Turn your side to the camera",
        Guide.STAND_STILL: "Stand still on both feet",
        Guide.READY: "Ready: lift one foot, rise",
    },
    change_legs="Change legs",
    both_done="Both legs done",
    rest="REST",
    paused="PAUSED",
    goal="of",
    valid="valid",
    undone="Last rep taken back",
    reset="Set starts again",
    muted="sound off",
    lighter_model="Slow computer: lighter model now",
    prompts={
        Prompt.FREE_FOOT_UP: "Free foot up",
        Prompt.HIGHER: "Higher",
        Prompt.KNEE_STRAIGHT: "Knee straight",
        Prompt.BODY_UPRIGHT: "Body upright",
        Prompt.KEEP_THE_PACE: "Keep the pace",
    },
    test_stages={
        TestStage.WARM_UP: "Warm up: raise on both legs",
        TestStage.FIRST_LEG: "One leg, with the beat",
        TestStage.REST: "Rest",
        TestStage.SECOND_LEG: "Other leg, with the beat",
        TestStage.DONE: "Test done",
    },
    stop="Stop: this leg is done",
    beat=("up", "down"),
    privacy="nothing leaves this computer",
    keys=(
        ("q, Esc", "end and save"),
        ("space", "pause"),
        ("1-9", "reps to aim at, 0: none"),
        ("u", "take back the last rep"),
        ("r", "start this set again"),
        ("b", "step or floor"),
        ("m", "mirror the picture"),
        ("s", "sound on or off"),
        ("f", "full screen"),
        ("h", "this help"),
    ),
)

GERMAN = Words(
    code="de",
    cues={
        "foot_touchdown": "Freier Fuß hat aufgesetzt",
        "lost_balance": "Gleichgewicht halten",
        "incomplete_top": "Höher steigen",
        "incomplete_bottom": "Ferse tiefer senken",
        "knee_bend": "Knie gestreckt lassen",
        "trunk_lean": "Oberkörper aufrecht",
        "no_pause": "Oben kurz halten",
        "rushed": "Langsam absenken",
    },
    praise="Gut: hoch, gehalten und ruhig",
    phases={
        Phase.AWAY: "NICHT DA",
        Phase.STANDING: "BEREIT",
        Phase.RISING: "HOCH",
        Phase.TOP: "HALTEN",
        Phase.LOWERING: "AB",
    },
    sides={"left": "LINKS", "right": "RECHTS", "both": "BEIDBEINIG"},
    reps="ANZAHL",
    gauge="FERSE",
    flat="flach",
    step="Stufe",
    floor="Boden",
    best="Bestes",
    guides={
        Guide.CAMERA_LOST: "Kamera weg: Kabel prüfen",
        Guide.CAMERA_FROZEN: "Kamera steht: neu einstecken",
        Guide.CAMERA_BLACK: "Bild schwarz: Kamera freimachen",
        Guide.DARK: "Mehr Licht machen",
        Guide.NOBODY: "Ins Bild treten",
        Guide.FEET: "Zurück: Füße zeigen",
        Guide.HEAD: "Zurück: Kopf zeigen",
        Guide.BODY: "Zurück: Kopf und Füße zeigen",
        Guide.NEARER: "Näher kommen",
        Guide.UNSTEADY: "Mehr Licht, ruhiger Hintergrund",
        Guide.TWO_PEOPLE: "Bitte nur eine Person",
        Guide.SIDE_ON: "Seitlich zur Kamera stellen",
        Guide.STAND_STILL: "Ruhig auf beiden Füßen stehen",
        Guide.READY: "Bereit: Fuß heben, steigen",
    },
    change_legs="Bein wechseln",
    both_done="Beide Beine fertig",
    rest="PAUSE",
    paused="ANGEHALTEN",
    goal="von",
    valid="gültig",
    undone="Letzte Wiederholung gestrichen",
    reset="Satz beginnt neu",
    muted="Ton aus",
    lighter_model="Langsamer Rechner: leichteres Modell",
    prompts={
        Prompt.FREE_FOOT_UP: "Freier Fuß hoch",
        Prompt.HIGHER: "Höher",
        Prompt.KNEE_STRAIGHT: "Knie strecken",
        Prompt.BODY_UPRIGHT: "Oberkörper aufrecht",
        Prompt.KEEP_THE_PACE: "Im Takt bleiben",
    },
    test_stages={
        TestStage.WARM_UP: "Aufwärmen: beidbeinig heben",
        TestStage.FIRST_LEG: "Ein Bein, im Takt",
        TestStage.REST: "Ausruhen",
        TestStage.SECOND_LEG: "Anderes Bein, im Takt",
        TestStage.DONE: "Test beendet",
    },
    stop="Stopp: dieses Bein ist fertig",
    beat=("hoch", "ab"),
    privacy="nichts verlässt diesen Rechner",
    keys=(
        ("q, Esc", "beenden und sichern"),
        ("Leertaste", "anhalten"),
        ("1-9", "Ziel setzen, 0: keines"),
        ("u", "letzte Wiederholung streichen"),
        ("r", "Satz neu beginnen"),
        ("b", "Stufe oder Boden"),
        ("m", "Bild spiegeln"),
        ("s", "Ton an oder aus"),
        ("f", "ganzer Bildschirm"),
        ("h", "diese Hilfe"),
    ),
)

LANGUAGES: Mapping[str, Words] = {words.code: words for words in (ENGLISH, GERMAN)}
