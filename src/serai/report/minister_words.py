"""Sentences of the opening, and of the sections on the decision, that carry figures or explain them, by language.

A sentence is asked for by its English; what stands in its slots is told by the caller. English and the three others
stand side by side, so that a change of one is seen beside the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.report.reader import Reader

NEVER: Final = "none: never earns back its cost"
"""What stands in place of a rate of return where no rate exists, wherever a rate is shown."""

BODY: Final[Mapping[str, Mapping[str, str]]] = {
    NEVER: {"ru": "нет: затраты не окупаются никогда", "ur": "کوئی نہیں: لاگت کبھی پوری نہیں ہوتی"},
    "none at all to {high}": {"ru": "от отсутствия до {high}", "ur": "سرے سے نہ ہونے سے {high} تک"},
    "none: pays at every rate": {"ru": "нет: выгодно при любой ставке", "ur": "کوئی نہیں: ہر شرح پر فائدہ مند"},
    "A rate of return exists only where what comes back covers what is spent at some rate.": {
        "ru": "Норма доходности есть лишь там, где при какой-то ставке возвращённое покрывает потраченное.",
        "ur": "شرحِ واپسی تبھی ہوتی ہے جب کسی شرح پر واپس آنے والی رقم خرچ کو پورا کرے۔",
    },
    "Costs with the overrun, and rail traffic with the shortfall, that finished projects of the kind had, both in "
    "shadow prices (below). The carbon is the world's, and of all traffic.": {
        "ru": "Затраты с тем превышением, а железнодорожные перевозки с тем недобором, какие были "
        "у завершённых проектов "
        "этого рода, в теневых ценах (ниже). Углерод — мировой, по всем перевозкам.",
        "ur": "لاگت اتنے اضافے کے ساتھ اور ریل ٹریفک اتنی کمی کے ساتھ جو اس قسم کے مکمل منصوبوں "
        "میں ہوئی، دونوں سایہ "
        "قیمتوں میں (نیچے)۔ کاربن پوری دنیا اور ساری ٹریفک کا ہے۔",
    },
    "These are middle figures: every input at its most likely value. Net present values are rounded as the draws of "
    "both projects together allow, as on the page of the decision; parts, to two digits. The next two columns take a "
    "lower and a higher discount rate; they are no range of the draws, which is in the table below.": {
        "ru": "Это средние числа: каждое исходное число взято самым вероятным. Чистая приведённая "
        "стоимость округлена так, "
        "как позволяют расчёты по обоим проектам вместе, как на странице решения; её части — до "
        "двух цифр. Два "
        "следующих столбца — при более низкой и более высокой ставке дисконтирования; это не "
        "диапазон расчётов, он "
        "в таблице ниже.",
        "ur": "یہ درمیانی اعداد ہیں: ہر عدد اپنی سب سے زیادہ امکانی قدر پر۔ خالص موجودہ قدر اتنی "
        "گول کی گئی ہے جتنی دونوں "
        "منصوبوں کی ملی جلی آزمائشیں اجازت دیتی ہیں، جیسے فیصلے کے صفحے پر؛ اس کے اجزا دو ہندسوں "
        "تک۔ اگلے دو کالم کم اور "
        "زیادہ شرحِ رعایت پر ہیں؛ یہ آزمائشوں کی حد نہیں، وہ نیچے کے جدول میں ہے۔",
    },
    "At a lower rate": {"ru": "При более низкой ставке", "ur": "کم شرح پر"},
    "At a higher rate": {"ru": "При более высокой ставке", "ur": "زیادہ شرح پر"},
    "The draws give each figure its range: eight of ten lie between percentile 10 and percentile 90. The mean over the "
    "draws is no middle figure of the appraisal above, which holds every input at its most likely value.": {
        "ru": "Расчёты дают каждому числу его диапазон: восемь из десяти лежат между процентилями "
        "10 и 90. Среднее по "
        "расчётам — не среднее число оценки выше, где каждое исходное число взято самым вероятным.",
        "ur": "آزمائشیں ہر عدد کی حد بتاتی ہیں: دس میں سے آٹھ صدویہ 10 اور 90 کے بیچ ہیں۔ "
        "آزمائشوں کی اوسط اوپر کے تخمینے کا "
        "درمیانی عدد نہیں، جہاں ہر عدد اپنی سب سے زیادہ امکانی قدر پر ہے۔",
    },
    "Which figure is which: the net present value is given at the most likely figures, its range is the 10th to the "
    "90th percentile of the draws, and the table below gives the mean over the draws. All are rounded as that range "
    "allows.": {
        "ru": "Какое число что значит: чистая приведённая стоимость дана при наиболее вероятных "
        "числах, её диапазон — от "
        "10-го до 90-го процентиля расчётов, а таблица ниже даёт среднее по расчётам. Всё "
        "округлено так, как "
        "позволяет этот диапазон.",
        "ur": "کون سا عدد کیا ہے: خالص موجودہ قدر سب سے زیادہ امکانی اعداد پر ہے، اس کی حد "
        "آزمائشوں کے 10ویں سے 90ویں صدویہ "
        "تک ہے، اور نیچے کا جدول آزمائشوں کی اوسط دیتا ہے۔ سب اتنے گول ہیں جتنی یہ حد اجازت دیتی ہے۔",
    },
    "No range was worked out for the figures of the members: they are middle figures, to two digits.": {
        "ru": "Для чисел участников диапазон не рассчитан: это средние числа, до двух цифр.",
        "ur": "ارکان کے اعداد کی کوئی حد نہیں نکالی گئی: یہ درمیانی اعداد ہیں، دو ہندسوں تک۔",
    },
    "Middle figures, without a range of their own but for the first stage; rounded as coarsely, for their size, as the "
    "draws of both projects allow.": {
        "ru": "Средние числа, без собственного диапазона, кроме первого этапа; округлены по своей "
        "величине так грубо, как "
        "позволяют расчёты по обоим проектам.",
        "ur": "درمیانی اعداد، پہلے مرحلے کے سوا کسی کی اپنی حد نہیں؛ اپنے حجم کے لحاظ سے اتنے ہی "
        "گول جتنی دونوں منصوبوں کی "
        "آزمائشیں اجازت دیتی ہیں۔",
    },
    "Losses and worths are middle figures, to two digits; only the days have a range.": {
        "ru": "Потери и выгоды — средние числа, до двух цифр; диапазон есть только у дней.",
        "ur": "نقصان اور فائدے درمیانی اعداد ہیں، دو ہندسوں تک؛ حد صرف دنوں کی ہے۔",
    },
    "Who gains from both projects together, million USD a year": {
        "ru": "Кто выигрывает от обоих проектов вместе, млн долл. США в год",
        "ur": "دونوں منصوبوں سے مل کر کس کو فائدہ، ملین امریکی ڈالر سالانہ",
    },
    "Where": {"ru": "Где", "ur": "کہاں"},
    "In the base year, open all year, before any cost. The range is the 10th to the 90th percentile of the draws; the "
    "first column is at the most likely figures.": {
        "ru": "В базовый год, открыто весь год, до затрат. Диапазон — от 10-го до 90-го "
        "процентиля расчётов; первый "
        "столбец — при наиболее вероятных числах.",
        "ur": "بنیادی سال میں، سارا سال کھلا، لاگت سے پہلے۔ حد آزمائشوں کے 10ویں سے 90ویں صدویہ "
        "تک ہے؛ پہلا کالم سب سے زیادہ "
        "امکانی اعداد پر ہے۔",
    },
}
"""Sentences of the sections, in the languages the whole report is written in."""


def told(reader: Reader, english: str, **slots: str) -> str:
    """Say a sentence of :data:`BODY` in the reader's language; slots hold finished texts of that language.

    Raises
    ------
    KeyError
        For a sentence that is not in it.
    """
    words = BODY[english]
    text = words.get(reader.tongue.code, english).format(**slots)
    return reader.tongue.isolated(text)
