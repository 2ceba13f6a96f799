"""Names of the package's countries, places, projects and organisations, found in any script and inflection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from serai.evidence.text import fold_word
from serai.evidence.works import works_of

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.evidence.text import Folded
    from serai.evidence.works import Work

NAME_COLUMNS: Final = ("name", "name_ru", "name_ur", "name_kk")
_RU: Final = (
    r"(?:[аяоеуюиыьй]{0,2}|о[мйвюе]|е[мйвю]|[ая](?:м|ми|х)|и(?:я|ю|и|ей|й|е|ями|ях)|н?ск[а-я]{1,4}|[чц][а-я]{1,4}|ц|"
    r"ом|ем|ого|ему|ами|иками?|цами?|анами?|ян|яне)"
)
_KK: Final = r"(?:[а-яәғқңөұүһі]{0,9})"
_KK_CASE: Final = (
    r"(?:[ндт](?:[ыі]ң|[ыі]|[ае]н|[ае])|[ғқ]а|[гк]е|[мпб]ен|[дт][ае]ғ[ыі]\w{0,4}|[лдт][ыі][қк]\w{0,6}"
    r"|[ыі]?н[ыі]ң)?"
)
_HYPHEN: Final = r"\s*[-–—]\s*"
_LATIN: Final = r"(?:'?s?|is?|i's|ese)"
_ARABIC: Final = r"(?:ی|یوں|وں|ے|نی|یا|ین)?"
_PREFIX: Final = 3


@dataclass(frozen=True, slots=True)
class Entity:
    """A name found in folded text: `kind` country, place, project, organisation or region; `id` its row."""

    start: int
    end: int
    kind: str
    id: str
    label: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class _Form:
    text: str
    hint: str
    kind: str
    id: str
    label: str
    country: str
    capital: bool


def _script(form: str) -> str:
    for char in form:
        if "\u0400" <= char <= "\u04ff":
            return "Cyrl"
        if "\u0600" <= char <= "\u06ff":
            return "Arab"
    return "Latn"


def _stem(word: str) -> str:
    """Return a Cyrillic form without the ending that declension replaces."""
    return word[:-1] if len(word) >= 5 and word[-1] in "аяйьеоиыуюі" else word


@cache
def _pattern(form: str, lang_hint: str, lang: str) -> re.Pattern[str]:
    """Pattern of a form; compiled when a text first has its first letters, for most are never needed."""
    script = _script(form)
    if script == "Cyrl":
        kazakh = lang_hint == "kk" or re.search("[әғқңөұүһі]", form) is not None
        parts = [re.escape(_stem(w)).replace(r"\-", _HYPHEN) + _RU for w in form.split()[:-1]]
        last = form.rsplit(maxsplit=1)[-1]
        declined = rf"(?:{_RU}|{_KK})" if kazakh else rf"(?:{_RU}|[аеоиыуюіәүя]?{_KK_CASE})" if lang == "kk" else _RU
        tail = re.escape(_stem(last)).replace(r"\-", _HYPHEN) + declined
        return re.compile(r"[\s-]+".join([*parts, tail]) + r"(?!\w)")
    body = re.escape(form).replace(r"\ ", r"[\s\u00a0-]+").replace(r"\-", rf"(?:[\s\u00a0-]+|{_HYPHEN})")
    return re.compile(body + (_ARABIC if script == "Arab" else _LATIN) + r"(?!\w)")


def split_names(text: str) -> list[str]:
    """Names within one cell: `A-B`, `A (city and port)`, `A; B`."""
    out = []
    for part in re.split(r"[;،,]", text):
        inner = re.sub(r"\([^)]*\)", "", part).strip()
        out += [inner, *re.split(r"\s*[–—/]\s*", inner)]
        if " (" in part and (bracket := re.search(r"\(([^)a-zа-я][^)]*)\)", part)):  # (road) is no name
            out.append(bracket.group(1))
    return [name.strip() for name in out if name.strip()]


def _halves(name: str, english: str) -> dict[str, str]:
    """Which part of a double name in English each part of it in another script is: `Чаман–Спин-Болдак`."""
    parts = re.split(r"\s*–\s*", re.sub(r"\s*\([^)]*\)", "", name))
    latin = place_label(english).split("-")
    return dict(zip(parts, latin, strict=True)) if len(parts) == len(latin) > 1 else {}


def place_label(name: str) -> str:
    """Short name of a place: the first of a double name, without what stands in brackets."""
    return re.split(r"\s*[(–—]", name)[0].strip()


class Gazetteer:
    """Finds names in text. Built from a package once; see :func:`gazetteer`."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._index: dict[str, list[_Form]] = {}
        self.labels: dict[tuple[str, str], str] = {}
        self._ignored: set[tuple[str, str]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._read_names()
        self._read_countries()
        self._read_places()
        for project, name in zip(package["projects"]["id"], package["projects"]["name"], strict=True):
            self.labels.setdefault(("project", project), name)
        for forms in self._index.values():
            forms.sort(key=lambda f: -len(f.text))

    def _add(self, form: str, kind: str, name: str, label: str, country: str, hint: str = "") -> None:
        text = fold_word(form)
        if len(text) < 2 or (kind, text) in self._seen or ("ignore", text) in self._ignored:
            return
        if kind == "place" and len(text) < 4 and hint != "own":
            return
        self._seen.add((kind, text))
        latin = _script(text) == "Latn"
        short = kind == "country" and hint == "kk" and len(text) <= 5  # қатар is also "beside"
        capital = latin or (_script(text) == "Cyrl" and (kind == "place" or short))
        entry = _Form(text, hint, kind, name, label, country, capital)
        self._index.setdefault(_stem(text)[:_PREFIX] if not latin else text[:_PREFIX], []).append(entry)

    def _read_names(self) -> None:
        frame = self.package["names"]
        owner = dict(zip(self.package["places"]["id"], self.package["places"]["country"], strict=True))
        rows = list(zip(frame["kind"], frame["object"], frame["label"], frame["forms"], strict=True))
        self._ignored = {
            ("ignore", fold_word(f)) for kind, _, _, forms in rows if kind == "ignore" for f in str(forms).split(";")
        }
        for kind, name, label, forms in rows:
            if kind == "ignore":
                continue
            country = name if kind == "country" else owner.get(name, "")
            self.labels.setdefault((kind, name), label)
            for form in [label, *str(forms).split(";")]:
                if form.strip():
                    self._add(form.strip(), kind, name, label, country, "own")

    def _read_countries(self) -> None:
        frame = self.package["countries"]
        for column in NAME_COLUMNS:
            for code, name, english in zip(frame["iso3"], frame[column], frame["name"], strict=True):
                self.labels.setdefault(("country", code), english)
                if name:
                    self._add(name, "country", code, english, code, column[-2:])

    def _read_places(self) -> None:
        frame = self.package["places"]
        for column in (*NAME_COLUMNS, "aliases"):
            for place, names, english, country in zip(
                frame["id"], frame[column], frame["name"], frame["country"], strict=True
            ):
                label = place_label(english)
                self.labels.setdefault(("place", place), label)
                halves = _halves(str(names or ""), english)
                for name in split_names(str(names or "")):
                    shown = self._component(name, english) if _script(name) == "Latn" else halves.get(name, label)
                    self._add(name, "place", place, shown, country, column[-2:])

    @staticmethod
    def _component(name: str, english: str) -> str:
        """Which part of a double name an alias stands for."""
        parts = [p for p in re.split(r"[-–(]\s*", english.replace(")", "")) if p.strip()]
        return next((p.strip() for p in parts if fold_word(p.strip()) == fold_word(name)), place_label(english))

    @cached_property
    def works(self) -> tuple[Work, ...]:
        """Railways and roads among the projects, with their ends."""
        return works_of(self)

    def find(self, folded: Folded, original: str, start: int = 0, end: int | None = None) -> list[Entity]:
        """Names in a stretch of text, longest first, none overlapping, in order."""
        text = folded.text
        stop = len(text) if end is None else end
        out: list[Entity] = []
        at = start
        for word in _WORD_START.finditer(text, start, stop):
            if word.start() < at:
                continue
            hit = self._match(folded, original, word.start(), stop)
            if hit:
                out.append(hit)
                at = hit.end
        return out

    def _match(self, folded: Folded, original: str, at: int, stop: int) -> Entity | None:
        text = folded.text
        best: Entity | None = None
        for form in self._index.get(text[at : at + _PREFIX], ()):
            if best and len(form.text) < best.end - best.start - 6:
                break
            match = _pattern(form.text, form.hint, folded.lang[:2]).match(text, at, stop)
            if not match or (form.capital and not original[folded.origin[at]].isupper()):
                continue
            if form.kind == "project" and _GOES_ON.match(original, folded.origin[match.end()]):
                continue  # a part of a longer chain of names
            if best is None or match.end() > best.end:
                best = Entity(at, match.end(), form.kind, form.id, form.label, form.country)
        return best


_GOES_ON: Final = re.compile(r"\s*[-–—]\s*[^\W\d_a-zа-яәғқңөұүһі]")
_WORD_START: Final = re.compile(r"(?<!\w)[^\W\d_]")
_CACHE: dict[str, Gazetteer] = {}


def gazetteer(package: Package) -> Gazetteer:
    """Gazetteer of a package; built once for each digest."""
    key = package.meta.digest
    if key not in _CACHE:
        _CACHE.clear()
        _CACHE[key] = Gazetteer(package)
    return _CACHE[key]
