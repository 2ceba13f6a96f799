"""The map of the network and the state of its borders, in the reader's script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.language import LANGUAGES, language, plain
from serai.report.maps import map_ground, map_note, map_words
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Draw the ground once, and the words and notes; in every language on the English page, which has all summaries."""
    words = []
    own = reader.tongue.code
    for code in LANGUAGES if own == "en" else (own,):
        tongue = language(code)
        words.append(
            {
                "code": code,
                "direction": tongue.direction,
                "svg": map_words(result, tongue),
                "caption": plain(tongue.say("map_caption")),
                "note": plain(map_note(result, tongue, links=True)),
            }
        )
    sources = trail.to("States of the border posts on the map", (s.source for s in result.statuses))
    return {"map_svg": map_ground(result), "words": words, "trail_map": sources}


SECTION = Section("map", "The corridor and its rivals", "Map", build, pdf=True)
