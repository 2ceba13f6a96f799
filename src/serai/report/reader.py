"""Finished English texts set anew in the reader's language.

The rooms below write English. A catalogue ``text/body/CODE.yaml`` holds, for each English text with its slots
(``"{n} further rows"``), the text of the language with the same slots, in the plural forms of ``{n}`` where it has one.
A text is known by its template; what stands in the slots is known the same way, and names come from the data package.
A text without a template stays as it is: nothing is translated by machine while the report is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from serai.core.text import read_yaml
from serai.data.names import short_name
from serai.data.texts import SENTENCES
from serai.report.language import LEFT_TO_RIGHT, Language, language, plain, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serai.data.package import Package

BODIES: Final = ("en", "ru", "ur")
"""Languages the whole report is written in; the others have its summary."""
VERBATIM: Final = frozenset({
    "address", "anchor", "boundaries", "code", "direction", "digest", "id", "kind", "mark", "sources", "source",
    "state", "svg", "table", "trail", "widths", "words",
})  # fmt: skip
"""Keys of a section's data whose values are no text for the reader."""
NAMED: Final = ("places", "countries", "economies", "commodities")
PROMISES: Final = (("agreements", "title"), ("milestones", "what"))
"""Tables and columns whose rows carry their words in the other languages themselves."""
_SLOT: Final = re.compile(r"\{(\w+)\}")
_FIGURE: Final = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w]|\.\d)")
_NUMBER: Final = r"(?:[-+\u2212]?\d[\d,.]*%?|\u2013)"
_PERCENT: Final = re.compile(r"(?<=\d)%")
FEW_LETTERS: Final = 4
_RTL: Final = re.compile("[\u0590-\u08ff]")
_ROW: Final = re.compile(r"[A-Z]{2,4}|[A-Z][A-Z0-9_]*(?:[.-][A-Za-z0-9_-]+)+")
"""A code (AFN), or the identifier of a row of the package: the same in all languages."""
_BESIDE: Final = {"rtl": "\u200f / "}
_STOPS: Final = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")
"""Where a sentence ends with a stop; a colon may end one too, where that alone is not known."""
_LISTS: Final = ("; ", ", ", " and ", " / ", " + ")

Entry = str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """One entry of a catalogue: how to know the English text, and what stands for it.

    Where its words stand twice in a text (an "and" in a name), the first pattern takes the shortest slots, the second
    the longest. A template with few words of its own is not `telling`: it holds only where its slots are known too.
    `words` is its longest piece between slots: most texts lack it, which is told far faster than by a pattern.
    """

    patterns: tuple[re.Pattern[str], re.Pattern[str]]
    entry: Entry
    telling: bool
    words: str


@dataclass(slots=True)
class Reader:
    """Turns the English of a report into one language.

    Attributes
    ----------
    tongue
        The language.
    fixed
        Texts without slots, and names, by their English.
    templates
        Texts with slots, the longest first, so that the most telling template wins.
    entries
        The catalogue, by its English templates.
    missed
        Every text no entry was found for.
    """

    tongue: Language
    fixed: Mapping[str, Entry] = field(default_factory=dict)
    templates: tuple[Template, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    _known: dict[tuple[str, bool], str | None] = field(default_factory=dict)

    def say(self, english: str, **slots: object) -> str:
        """Fill the entry of an English template."""
        entry = self.entries.get(english)
        if entry is None or self.tongue.code == "en":
            return self.turn(english.format(**slots) if slots else english)
        return self._fill(entry, {k: str(v) for k, v in slots.items()})

    def turn(self, text: str) -> str:
        """Set a finished English text in the language; one without an entry stays, and is noted."""
        if self.tongue.code == "en" or not text:
            return text
        found = self._find(text)
        if found is None:
            if re.search("[A-Za-z]{3}", text):
                self.missed.add(text)
            return self.figures(text)
        return found

    def label(self, text: str) -> str:
        """Turn a text of a chart, whose drawer orders figures itself."""
        return plain(self.turn(text))

    def figures(self, text: str) -> str:
        """Give figures the separators of the language, and keep a text of another script in one piece."""
        thousands, decimal = self.tongue.words["thousands"], self.tongue.words["decimal"]
        if (thousands, decimal) != (",", "."):
            text = _FIGURE.sub(lambda m: m[1].replace(",", thousands) + (m[2] or "").replace(".", decimal), text)
            text = _PERCENT.sub("\u00a0%", text)
        if LEFT_TO_RIGHT in text or _RTL.search(text):
            return text
        # Two figures side by side follow the language, as the words of their heading do.
        return _BESIDE.get(self.tongue.direction, " / ").join(self.tongue.ltr(part) for part in text.split(" / "))

    def data(self, value: Any) -> Any:  # noqa: ANN401
        """Turn all texts of a section's data; what only machines read stays."""
        if self.tongue.code == "en":
            return value
        if isinstance(value, dict):
            return {k: v if _verbatim(str(k)) else self.data(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(v) for v in value]
        return self.turn(value) if isinstance(value, str) else value

    def _find(self, text: str, loose: bool = True) -> str | None:
        """Know a text; `loose` takes a telling template with slots that nothing is known of, where nothing fits."""
        if (text, loose) not in self._known:
            sure = self._find(text, loose=False) if loose else None
            self._known[text, loose] = self._search(text, loose) if sure is None else sure
        return self._known[text, loose]

    def _search(self, text: str, loose: bool) -> str | None:
        entry = self.fixed.get(text)
        if entry is not None:
            return str(entry)
        if _ROW.fullmatch(text) or not re.search("[A-Za-z]{2}", text):
            return self.figures(text)
        if "; " in text and (items := self._joined(text.split("; "), self._comma("; "), loose)):
            return items
        likely = [t for t in self.templates if t.words in text]
        hits = [(t, hit.groupdict()) for t in likely for p in t.patterns if (hit := p.fullmatch(text))]
        for template, slots in hits:
            if all(self._find(v, loose) is not None for v in slots.values()):
                return self._fill(template.entry, slots)
        if parts := self._parts(text, loose) or (None if loose else self._stopped(text)):
            return parts
        return next((self._fill(t.entry, slots) for t, slots in hits if t.telling and loose), None)

    def _fill(self, entry: Entry, slots: dict[str, str]) -> str:
        if isinstance(entry, dict):
            form = plural(self.tongue.code, int(slots["n"].replace(",", "")))
            entry = entry[form] if form in entry else entry["other"]
        return entry.format(**{k: self._slot(v) for k, v in slots.items()})

    def _slot(self, text: str) -> str:
        return self._find(text) or self.figures(text)

    def _parts(self, text: str, loose: bool) -> str | None:
        """Know a text by its sentences or by the items of its list, all of them."""
        for ends in (_STOPS, SENTENCES):
            if len(sentences := ends.split(text)) > 1 and (found := self._joined(sentences, " ", loose)):
                return found
        for comma in _LISTS:
            if len(items := text.split(comma)) > 1 and (found := self._joined(items, self._comma(comma), loose)):
                return found
        return None

    def _stopped(self, text: str) -> str | None:
        """Know a text by what stands before its last stop or colon, as where a sentence ends with a list of names."""
        found = self._find(text[:-1], loose=False) if text.endswith((".", ":")) else None
        stop = "\u06d4" if text[-1] == "." and self.tongue.direction == "rtl" else text[-1]
        return None if found is None else found + stop

    def _comma(self, comma: str) -> str:
        if comma == " and ":
            return str(self.fixed.get("and", " and "))
        return {"; ": "؛ ", ", ": "، "}.get(comma, comma) if self.tongue.direction == "rtl" else comma

    def _joined(self, parts: list[str], comma: str, loose: bool) -> str | None:
        found = [self._find(p, loose) for p in parts]
        return None if None in found else comma.join(str(f) for f in found)


def _verbatim(key: str) -> bool:
    return (
        key in VERBATIM
        or key.endswith(("_svg", "_words", "_mark", "mark_of", "trail", "anchor"))
        or key.startswith("trail_")
    )


def page_file(code: str) -> str:
    """Name the page of a language."""
    return "report.html" if code == "en" else f"report-{code}.html"


ENGLISH: Final = Reader(language("en"))
"""The language the texts are in: everything stays."""


@cache
def catalogue(code: str) -> Mapping[str, Entry]:
    """Read the entries of a language by their English; one without a body has those of the summary and of answers."""
    if code == "en":
        return {}
    text = files("serai.report").joinpath("text", "body", f"{code}.yaml").read_text(encoding="utf-8")
    found: dict[str, Entry] = read_yaml(text)
    return found


def reader(code: str, package: Package) -> Reader:
    """Make a reader of a language, of the names of a package, and of what else the package says in that language."""
    tongue, entries = language(code), dict(catalogue(code))
    own: dict[str, Entry] = {e: tongue.isolated(str(t)) for e, t in entries.items() if not _SLOT.search(e)}
    entries |= own
    fixed: dict[str, Entry] = own if code == "en" else dict(_names(tongue, package)) | own | _texts(tongue, package)
    slotted = sorted((e for e in entries if _SLOT.search(e)), key=lambda e: (-len(_SLOT.sub("", e)), e))
    return Reader(
        tongue,
        fixed,
        tuple(_template(e, entries[e]) for e in slotted),
        entries,
    )


def _texts(tongue: Language, package: Package) -> dict[str, Entry]:
    """Texts of the package, and what of each stands before its bracket."""
    own: dict[str, Entry] = dict(tongue.texts(package))
    short = {short_name(e): short_name(str(t)) for e, t in own.items() if " (" in e and " (" in str(t)}
    return {**short, **own}


def _names(tongue: Language, package: Package) -> Iterator[tuple[str, str]]:
    """Names of the package by their English, whole and short; small letters too for goods, as in a sentence."""
    yield from zip(language("en").words["passages"].values(), tongue.words["passages"].values(), strict=True)
    yield language("en").say("limit"), tongue.say("limit")
    for table in NAMED:
        if table not in package.tables:
            continue
        english, own = language("en").names(package, table), tongue.names(package, table)
        for key, name in english.items():
            yield from _forms(name, own[key])
            if table == "commodities":
                yield key, own[key]
    for table, column in PROMISES:
        if table in package.tables:
            frame = package[table]
            yield from ((e, t) for e, t in zip(frame[column], frame[f"{column}_{tongue.code}"], strict=True) if t)


def _forms(name: str, own: str) -> Iterator[tuple[str, str]]:
    """Give a name whole, without its bracket, and each half of a double name, by its English."""
    yield name, own
    yield short_name(name), short_name(own)
    halves = short_name(name).split("-"), re.split("[\u2013\u2014]", short_name(own))
    if len(halves[0]) == len(halves[1]) == 2:
        yield from ((a.strip(), b.strip()) for a, b in zip(*halves, strict=True))


def _template(english: str, entry: Entry) -> Template:
    words = max(_SLOT.sub("\0", english).split("\0"), key=len)
    return Template((_pattern(english, ".+?"), _pattern(english, ".+")), entry, _telling(english), words)


def _telling(english: str) -> bool:
    return len(re.sub("[^A-Za-z]", "", _SLOT.sub("", english))) > FEW_LETTERS


def _pattern(english: str, text: str) -> re.Pattern[str]:
    """Know a template by its words; ``{n}`` stands for a whole number, ``{x}``, ``{x2}`` for any, others for text."""
    parts, seen = [], set()
    at = 0
    for slot in _SLOT.finditer(english):
        parts.append(re.escape(english[at : slot.start()]))
        name = slot[1]
        inner = r"\d[\d,]*" if name == "n" else _NUMBER if re.fullmatch(r"x\d?", name) else text
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{inner})")
        seen.add(name)
        at = slot.end()
    return re.compile("".join(parts) + re.escape(english[at:]), re.DOTALL)
