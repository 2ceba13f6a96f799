"""Sentences of the opening, and of the sections on the decision, that carry figures or explain them, by language.

A sentence is asked for by its English; what stands in its slots is told by the caller. English and the three others
stand side by side, so that a change of one is seen beside the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.report.language import Language
    from serai.report.reader import Reader

NEVER: Final = "none: never earns back its cost"
"""What stands in place of a rate of return where no rate exists, wherever a rate is shown."""

BODY: Final[Mapping[str, Mapping[str, str]]] = {
    NEVER: {"ru": "нет: не окупится никогда", "ur": "کوئی نہیں: لاگت کبھی پوری نہیں ہوتی"},
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
        "منصوبوں کی مشترک حسابی صورتیں اجازت دیتی ہیں، جیسے فیصلے کے صفحے پر؛ اس کے اجزا دو ہندسوں "
        "تک۔ اگلے دو کالم کم اور "
        "زیادہ شرحِ رعایت پر ہیں؛ یہ حسابی صورتوں کی حد نہیں، وہ نیچے کے جدول میں ہے۔",
    },
    "At a lower rate": {"ru": "Ниже ставка", "ur": "کم شرح پر"},
    "At a higher rate": {"ru": "Выше ставка", "ur": "زیادہ شرح پر"},
    "The draws give each figure its range: eight of ten lie between percentile 10 and percentile 90. The mean over the "
    "draws is no middle figure of the appraisal above, which holds every input at its most likely value.": {
        "ru": "Расчёты дают каждому числу его диапазон: восемь из десяти лежат между процентилями "
        "10 и 90. Среднее по "
        "расчётам — не среднее число оценки выше, где каждое исходное число взято самым вероятным.",
        "ur": "حسابی صورتیں ہر عدد کی حد بتاتی ہیں: دس میں سے آٹھ صدک 10 اور 90 کے بیچ ہیں۔ "
        "حسابی صورتوں کی اوسط اوپر کے تخمینے کا "
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
        "حسابی صورتوں کے 10ویں سے 90ویں صدک "
        "تک ہے، اور نیچے کا جدول حسابی صورتوں کی اوسط دیتا ہے۔ سب اتنے گول ہیں جتنی یہ حد اجازت دیتی ہے۔",
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
        "حسابی صورتیں اجازت دیتی ہیں۔",
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
        "ur": "بنیادی سال میں، سارا سال کھلا، لاگت سے پہلے۔ حد حسابی صورتوں کے 10ویں سے 90ویں صدک "
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


SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "decision": {"en": "Decision", "ru": "Решение", "ur": "فیصلہ", "kk": "Шешім"},
    "scorecard": {"en": "Scorecard", "ru": "Оценочная карта", "ur": "جانچ کارڈ", "kk": "Бағалау картасы"},
    "project": {"en": "Project", "ru": "Проект", "ur": "منصوبہ", "kk": "Жоба"},
    "coalition": {"en": "Members", "ru": "Участники", "ur": "ارکان", "kk": "Мүшелер"},
    "status": {"en": "What is open", "ru": "Что открыто", "ur": "کیا کھلا ہے", "kk": "Не ашық"},
}
"""Words that lead from the opening to a section of the page."""

OPENING: Final[Mapping[str, Mapping[str, str]]] = {
    "criteria": {
        "en": "Of {total} criteria: {passed} pass, {conditional} conditional, {failed} fail, {open} not established.",
        "ru": "Критериев всего {total}: выполнено {passed}, выполнено условно {conditional}, не "
        "выполнено {failed}, не "
        "установлено {open}.",
        "ur": "کل {total} معیار: {passed} پورے، {conditional} مشروط طور پر پورے، {failed} ناکام، {open} ثابت نہیں۔",
        "kk": "Барлығы {total} өлшем: {passed} орындалған, {conditional} шартты түрде орындалған, "
        "{failed} орындалмаған, "
        "{open} анықталмаған.",
    },
    "goods": {
        "en": "By both projects together, traffic grows most in: {goods}.",
        "ru": "От обоих проектов вместе больше всего растут перевозки: {goods}.",
        "ur": "دونوں منصوبوں سے مل کر سب سے زیادہ ان اجناس کی ٹریفک بڑھتی ہے: {goods}۔",
        "kk": "Екі жоба бірге алғанда тасымалы ең көп өсетін тауарлар: {goods}.",
    },
    "cost": {
        "en": "Building all commits {all} million USD now and loses in {loss} of the draws; the first stage alone "
        "commits {stage} million and loses in {stage_loss}. By the record of closures the way is open {days} days a "
        "year ({low} to {high}).",
        "ru": "Строить всё — это обязательства на {all} млн долл. США сейчас и убыток в {loss} "
        "расчётов; только первый "
        "этап — {stage} млн и убыток в {stage_loss}. По записям о закрытиях путь открыт дней в "
        "году: {days} (от {low} "
        "до {high}).",
        "ur": "سب کچھ بنانے پر ابھی {all} ملین امریکی ڈالر لگتے ہیں اور {loss} صورتوں میں نقصان "
        "ہوتا ہے؛ صرف پہلے مرحلے پر "
        "{stage} ملین لگتے ہیں اور {stage_loss} صورتوں میں نقصان ہوتا ہے۔ بندشوں کے ریکارڈ کے "
        "مطابق راستہ سال میں {days} "
        "دن کھلا رہتا ہے ({low} سے {high})۔",
        "kk": "Барлығын салу қазір {all} млн АҚШ доллары міндеттемесін талап етеді, есептердің {loss} шығын береді; "
        "тек бірінші кезең {stage} млн талап етеді, есептердің {stage_loss} шығын береді. Жабылу жазбалары бойынша "
        "жол жылына {days} күн ашық ({low} – {high}).",
    },
    "gain": {
        "en": "Before any cost and open all year, these regions gain (million USD a year, range of eight of ten "
        "draws): {regions}.",
        "ru": "До затрат и при открытом весь год пути выигрывают (млн долл. США в год, диапазон "
        "восьми из десяти "
        "расчётов): {regions}.",
        "ur": "لاگت سے پہلے، اور سارا سال راستہ کھلا ہو تو، ان خطوں کو فائدہ ہے (ملین امریکی ڈالر "
        "سالانہ، دس میں سے آٹھ "
        "صورتوں کی حد): {regions}۔",
        "kk": "Шығынға дейін, жол жыл бойы ашық болса, мына өңірлер ұтады (жылына млн АҚШ "
        "доллары, оннан сегіз есептің "
        "ауқымы): {regions}.",
    },
    "gain_none": {
        "en": "No region surely gains, even before any cost.",
        "ru": "Ни один регион не выигрывает наверняка, даже до затрат.",
        "ur": "لاگت سے پہلے بھی کسی خطے کا فائدہ یقینی نہیں۔",
        "kk": "Шығынға дейін де бірде-бір өңір анық ұтпайды.",
    },
    "unclear": {
        "en": "No sure gain or loss: {regions}.",
        "ru": "Ни выигрыш, ни проигрыш не ясен: {regions}.",
        "ur": "فائدہ یا نقصان واضح نہیں: {regions}۔",
        "kk": "Ұтысы да, ұтылысы да анық емес: {regions}.",
    },
    "lose": {
        "en": "These lose: {regions}.",
        "ru": "Проигрывают: {regions}.",
        "ur": "ان کا نقصان ہے: {regions}۔",
        "kk": "Ұтылатындар: {regions}.",
    },
    "region": {
        "en": "{name} {middle} ({low} to {high})",
        "ru": "{name} {middle} (от {low} до {high})",
        "ur": "{name} {middle} ({low} سے {high})",
        "kk": "{name} {middle} ({low} – {high})",
    },
    "stage": {
        "en": "The first stage alone is worth {npv} million on average over the draws ({low} to {high}). Ranges: "
        "eight of ten draws.",
        "ru": "Один первый этап стоит в среднем по расчётам {npv} млн (от {low} до {high}). "
        "Диапазоны: восемь из десяти "
        "расчётов.",
        "ur": "صرف پہلے مرحلے کی قدر حسابی صورتوں کی اوسط میں {npv} ملین ہے ({low} سے {high})۔ "
        "حدیں: دس میں سے آٹھ صورتیں۔",
        "kk": "Бірінші кезеңнің өзінің құны есептер бойынша орта есеппен {npv} млн ({low} – "
        "{high}). Ауқымдар: оннан сегіз "
        "есеп.",
    },
    "stay": {
        "en": "Every country can be kept in: if each halves the hours at its own posts and builds "
        "what lies on its soil, the gain can be shared so that no group of them does better alone "
        "(middle figures; no range was worked out).",
        "ru": "Удержать можно каждую страну: если каждая вдвое сократит часы на своих постах и "
        "построит то, что лежит на её земле, выигрыш можно разделить так, что никакой группе не "
        "лучше одной (средние числа; диапазон не рассчитан).",
        "ur": "ہر ملک کو ساتھ رکھا جا سکتا ہے: اگر ہر ملک اپنی چوکیوں پر گھنٹے آدھے کرے اور جو اس "
        "کی زمین پر ہے وہ بنائے، تو فائدہ یوں بٹ سکتا ہے کہ کوئی گروہ اکیلا بہتر نہ رہے (درمیانی "
        "اعداد؛ حد نہیں نکالی گئی)۔",
        "kk": "Әр елді ұстап қалуға болады: әрқайсысы өз бекеттеріндегі сағатты екі есе қысқартып, "
        "өз жеріндегісін салса, ұтысты ешбір топқа жеке тиімдірек болмайтындай бөлуге болады (орта "
        "сандар; ауқымы есептелмеген).",
    },
    "leave": {
        "en": "Not every country will stay in: if each halves the hours at its own posts and builds "
        "what lies on its soil, then however the gain is shared some group of them does better "
        "alone, by at least {gap} million USD a year (a middle figure; no range was worked out).",
        "ru": "Не каждая страна останется: если каждая вдвое сократит часы на своих постах и "
        "построит то, что лежит на её земле, то, как ни дели выигрыш, какой-то их группе лучше "
        "одной, не менее чем на {gap} млн долл. США в год (среднее число; диапазон не рассчитан).",
        "ur": "ہر ملک ساتھ نہیں رہے گا: اگر ہر ملک اپنی چوکیوں پر گھنٹے آدھے کرے اور جو اس کی زمین "
        "پر ہے وہ بنائے، تو فائدہ جیسے بھی بانٹا جائے ان کا کوئی گروہ اکیلا بہتر رہتا ہے، کم از کم "
        "{gap} ملین امریکی ڈالر سالانہ سے (درمیانی عدد؛ حد نہیں نکالی گئی)۔",
        "kk": "Барлық ел бірге қалмайды: әрқайсысы өз бекеттеріндегі сағатты екі есе қысқартып, өз "
        "жеріндегісін салса, ұтысты қалай бөлсе де, олардың бір тобына жеке тиімдірек, кемінде "
        "жылына {gap} млн АҚШ долларына (орта сан; ауқымы есептелмеген).",
    },
    "times": {
        "en": "To pay, it would have to bring {times} times the gain ({low} to {high}).",
        "ru": "Чтобы окупиться, он должен приносить выигрыш в {times} раз больше (от {low} до {high}).",
        "ur": "فائدہ مند ہونے کے لیے اسے {times} گنا فائدہ لانا ہوگا ({low} سے {high})۔",
        "kk": "Өзін ақтау үшін ол {times} есе көп ұтыс әкелуі керек ({low} – {high}).",
    },
    "sourced": {
        "en": "To be established at all, at least half of its figures would have to rest on sources, instead of "
        "{share}.",
        "ru": "Чтобы вывод был установлен, не менее половины чисел должно опираться на источники, а не {share}.",
        "ur": "بات ثابت ہونے کے لیے کم از کم آدھے اعداد ماخذ پر قائم ہونے چاہییں، نہ کہ {share}۔",
        "kk": "Қорытынды анықталуы үшін сандардың кемінде жартысы дереккөзге сүйенуі керек, ал қазір {share}.",
    },
    "unconfirmed": {
        "en": "On {day} nobody has confirmed within its shelf life whether {n} border posts, straits and ports are "
        "open; each was closed or limited when last heard of. The busiest: {places}, and {more} more.",
        "ru": "На {day} никто в пределах срока годности сведений не подтвердил, открыты ли "
        "пограничные пункты, проливы и "
        "порты, всего {n}; по последним сведениям каждый был закрыт или ограничен. Самые "
        "загруженные: {places} и ещё "
        "{more}.",
        "ur": "{day} کو کسی نے مقررہ میعاد کے اندر تصدیق نہیں کی کہ {n} سرحدی چوکیاں، آبنائیں اور "
        "بندرگاہیں کھلی ہیں یا نہیں؛ "
        "آخری اطلاع کے مطابق ان میں سے ہر ایک بند یا محدود تھی۔ سب سے مصروف: {places}، اور {more} "
        "مزید۔",
        "kk": "{day} күні шекара бекеттері, бұғаздар мен порттардың ашық екенін жарамдылық "
        "мерзімі ішінде ешкім растаған "
        "жоқ, барлығы {n}; соңғы мәлімет бойынша әрқайсысы жабық не шектеулі болған. Ең "
        "жүктелгендері: {places} және "
        "тағы {more}.",
    },
}
"""Sentences of the opening, in every language of the summary."""


class Linked(str):
    """A sentence that on a page leads to the section it comes from, and elsewhere is plain text."""

    __slots__ = ("section", "word")
    section: str
    word: str

    def __new__(cls, text: str, section: str, tongue: Language) -> Linked:
        """Take a sentence, the name of a section, and the language whose word for it is shown."""
        made = super().__new__(cls, text)
        made.section, made.word = section, SECTIONS[section][tongue.code]
        return made

    def __html__(self) -> str:
        """Escape the sentence and put the link after it."""
        from markupsafe import escape

        return f'{escape(str(self))} <a class="note" href="#{self.section}">[{escape(self.word)}]</a>'


def say(tongue: Language, key: str, **slots: str) -> str:
    """Fill a sentence of :data:`OPENING`; slots hold finished texts of the language."""
    return OPENING[key][tongue.code].format(**slots)
