"""A sheet whose net present value, ratio and rate of return follow what the reader changes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from serai.feasibility.cashflow import ITEMS, SIGN
from serai.study.decision import Decision

if TYPE_CHECKING:
    from serai.study import StudyResult

NAME: Final = "live_appraisal"
RATE: Final = "B4"
SCALES: Final = {item: f"B{row}" for row, item in enumerate(ITEMS, start=5)}
"""Cell of the factor on each item."""
FIRST: Final = 25
"""First row of the years; the header stands above it."""
WORDS: Final = {
    "capital": "Capital",
    "o_and_m": "O&M",
    "benefit": "Benefit",
    "carbon": "Carbon",
    "residual": "Residual",
}
LETTERS: Final = dict(zip(ITEMS, "BCDEF", strict=True))
NET, FACTOR, PRESENT = "G", "H", "I"


def add_live_sheet(book: Any, result: StudyResult) -> None:  # noqa: ANN401
    """Add the sheet to a workbook of a study that decides on something; else do nothing.

    Parameters
    ----------
    book
        An openpyxl workbook.
    result
        The study; its table ``decision_flows`` holds the flows at the most likely figures.
    """
    d = result.decision
    if not isinstance(d, Decision):
        return
    sheet = book.create_sheet(NAME, 1)
    frame, stated = d.tables["decision_flows"], d.appraisals[0]
    last = FIRST + len(frame) - 1
    _inputs(sheet, result, stated.rate)
    _answers(sheet, last, float(stated.npv_usd[0]) / 1e6, float(stated.bcr[0]), float(stated.eirr[0]))
    _years(sheet, frame.to_dict("list"), last)
    _look(sheet)


def _inputs(sheet: Any, result: StudyResult, rate: float) -> None:  # noqa: ANN401
    d = result.decision
    assert isinstance(d, Decision)  # noqa: S101
    sheet["A1"] = (
        f"{d.stage.name} and {d.main.name}: million USD of {result.package.meta.price_year}, most likely figures"
    )
    sheet["A2"] = "Change the yellow cells, or any flow below; the rest follows. The study itself is not changed by it."
    sheet["B3"], sheet["C3"] = "Yours", "Study"
    rows = [(4, "Discount rate", rate), *((int(c[1:]), f"{WORDS[i]}, times", 1.0) for i, c in SCALES.items())]
    for row, words, value in rows:
        sheet[f"A{row}"], sheet[f"B{row}"], sheet[f"C{row}"] = words, value, value
    end = rows[-1][0]
    sheet[f"A{end + 1}"] = f'=IF(B{end + 1}=0,"The figures of the study","Figures of your own among these")'
    sheet[f"B{end + 1}"] = f"=SUMPRODUCT(--(B4:B{end}<>C4:C{end}))"


def _answers(sheet: Any, last: int, npv: float, bcr: float, eirr: float) -> None:  # noqa: ANN401
    def pv(item: str) -> str:
        return f"SUMPRODUCT({LETTERS[item]}{FIRST}:{LETTERS[item]}{last},{FACTOR}{FIRST}:{FACTOR}{last})*{SCALES[item]}"

    cost = f"({pv('capital')}+{pv('o_and_m')}-{pv('residual')})"
    sheet["B12"], sheet["C12"] = "Now", "Study"
    sheet["A13"], sheet["B13"], sheet["C13"] = "Net present value", f"=SUM({PRESENT}{FIRST}:{PRESENT}{last})", npv
    ratio = f'=IF({cost}>0,({pv("benefit")}+{pv("carbon")})/{cost},"none")'
    sheet["A14"], sheet["B14"], sheet["C14"] = "Benefit over cost", ratio, _known(bcr)
    found = f'=IFERROR(IRR({NET}{FIRST}:{NET}{last}),"none")'
    sheet["A15"], sheet["B15"], sheet["C15"] = "Economic rate of return (one of them)", found, _known(eirr)
    sheet["A17"] = "The net present value is zero when, of what now stands,"
    for row, item in enumerate(ITEMS, start=18):
        sheet[f"A{row}"] = f"{WORDS[item]} is times"
        sign = "+" if SIGN[item] < 0 else "-"
        sheet[f"B{row}"] = f'=IF({pv(item)}=0,"",1{sign}$B$13/({pv(item)}))'


def _known(value: float) -> float | str:
    return value if value == value else "none"  # noqa: PLR0124


def _years(sheet: Any, flows: dict[str, list[float]], last: int) -> None:  # noqa: ANN401
    head = ["Year", *(WORDS[i] for i in ITEMS), "Net", "Discount factor", "Present value"]
    for column, words in zip("ABCDEFGHI", head, strict=True):
        sheet[f"{column}{FIRST - 1}"] = words
    for offset, year in enumerate(flows["year"]):
        row = FIRST + offset
        sheet[f"A{row}"] = int(year)
        for item, letter in LETTERS.items():
            sheet[f"{letter}{row}"] = float(flows[f"{item}_usd_m"][offset])
        terms = [f"{'-' if SIGN[i] < 0 else '+'}{LETTERS[i]}{row}*${SCALES[i][0]}${SCALES[i][1:]}" for i in ITEMS]
        sheet[f"{NET}{row}"] = f"={''.join(terms)}"
        sheet[f"{FACTOR}{row}"] = f"=1/(1+$B$4)^(A{row}-$A${FIRST})"
        sheet[f"{PRESENT}{row}"] = f"={NET}{row}*{FACTOR}{row}"
    sheet[f"A{last + 1}"] = "Sum"
    for letter in "BCDEFGI":
        sheet[f"{letter}{last + 1}"] = f"=SUM({letter}{FIRST}:{letter}{last})"


def _look(sheet: Any) -> None:  # noqa: ANN401
    from openpyxl.styles import Font, PatternFill

    mine = PatternFill("solid", fgColor="FFF3C4")
    for cell in (RATE, *SCALES.values()):
        sheet[cell].fill = mine
    sheet[RATE].number_format = sheet["C4"].number_format = "0.0%"
    sheet["B15"].number_format = sheet["C15"].number_format = "0.0%"
    for cell in ("B13", "C13"):
        sheet[cell].number_format = "#,##0.0"
    for cell in (*sheet[1], *sheet[3], *sheet[12], *sheet[FIRST - 1]):
        cell.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 44
    for letter in "BCDEFGHI":
        sheet.column_dimensions[letter].width = 14
    sheet.freeze_panes = f"B{FIRST}"
