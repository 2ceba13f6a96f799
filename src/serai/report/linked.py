"""A sentence of the opening that leads to the section it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serai.report.language import Language


class Linked(str):
    """A sentence that on a page leads to the section it comes from, and elsewhere is plain text."""

    __slots__ = ("section", "word")
    section: str
    word: str

    def __new__(cls, text: str, section: str, tongue: Language) -> Linked:
        """Take a sentence, the name of a section, and the language whose word for it is shown."""
        made = super().__new__(cls, text)
        made.section, made.word = section, tongue.say(f"section_{section}")
        return made

    def __html__(self) -> str:
        """Escape the sentence and put the link after it."""
        from markupsafe import escape

        return f'{escape(str(self))} <a class="note" href="#{self.section}">[{escape(self.word)}]</a>'
