// Every word of the page, in four languages; no native reader has checked the last three.
import type {Lang} from '../types';

const W = {
  road: ['road', 'автодорога', 'سڑک', 'автожол'], rail: ['rail', 'железная дорога', 'ریل', 'теміржол'], sea: ['sea', 'море', 'سمندر', 'теңіз'], ferry: ['ferry', 'паром', 'فیری', 'паром'],
  title: ['Does the corridor work?', 'Работает ли коридор?', 'کیا راہداری کام کرتی ہے؟', 'Дәліз жұмыс істей ме?'],
  from: ['From', 'Откуда', 'کہاں سے', 'Қайдан'], to: ['To', 'Куда', 'کہاں تک', 'Қайда'],
  goods: ['Goods', 'Груз', 'سامان', 'Жүк'], box: ['Container', 'Контейнер', 'کنٹینر', 'Контейнер'], none: ['none', 'нет', 'کوئی نہیں', 'жоқ'],
  day: ['Day', 'День', 'تاریخ', 'Күні'], by: ['Best by', 'Лучший по', 'ترجیح', 'Үздігі'],
  generalized: ['price and time', 'цене и времени', 'قیمت اور وقت', 'баға мен уақыт'], cost: ['price', 'цене', 'قیمت', 'баға'], time: ['time', 'времени', 'وقت', 'уақыт'],
  routes: ['Routes', 'Маршруты', 'راستے', 'Бағыттар'], scenario: ['Scenario', 'Сценарий', 'منظرنامہ', 'Сценарий'], gains: ['Who gains', 'Кто выигрывает', 'فائدہ کس کا', 'Кім ұтады'],
  status: ['What is open', 'Что открыто', 'کیا کھلا ہے', 'Не ашық'], ledger: ['Promises', 'Обещания', 'وعدے', 'Уәделер'], check: ['Check a text', 'Проверить текст', 'متن کی جانچ', 'Мәтінді тексеру'],
  days: ['days', 'дн.', 'دن', 'күн'], perFeu: ['USD per 40-foot load', 'долл. за 40-футовый груз', 'ڈالر فی 40 فٹ', '40 футтық жүкке, АҚШ долл.'],
  border: ['Borders', 'Границы', 'سرحدیں', 'Шекаралар'], km: ['km', 'км', 'کلومیٹر', 'км'], papers: ['Papers', 'Документы', 'کاغذات', 'Құжаттар'], lines: ['Price line by line', 'Цена построчно', 'قیمت کی تفصیل', 'Баға жолма-жол'],
  profile: ['Time and price along the way', 'Время и цена по пути', 'راستے میں وقت اور قیمت', 'Жол бойы уақыт пен баға'], why: ['What would change the choice', 'Что изменило бы выбор', 'انتخاب کیا بدلے گا', 'Таңдауды не өзгертеді'],
  warnings: ['Warnings', 'Предупреждения', 'انتباہ', 'Ескертулер'], noRoute: ['No way is open', 'Открытого пути нет', 'کوئی راستہ کھلا نہیں', 'Ашық жол жоқ'],
  ifOpen: ['If what is unknown were open', 'Если неизвестное открыто', 'اگر نامعلوم کھلا ہو', 'Белгісізі ашық болса'], ifShut: ['If it were shut', 'Если закрыто', 'اگر بند ہو', 'Жабық болса'],
  assumed: ['of the price rests on assumed figures', 'цены основано на допущениях', 'قیمت مفروضوں پر ہے', 'баға болжамға сүйенеді'],
  shut: ['Shut a border', 'Закрыть границу', 'سرحد بند کریں', 'Шекараны жабу'], reopen: ['Open a border', 'Открыть границу', 'سرحد کھولیں', 'Шекараны ашу'], project: ['Build a project', 'Построить проект', 'منصوبہ بنائیں', 'Жобаны салу'],
  hours: ['Set hours', 'Задать часы', 'گھنٹے مقرر کریں', 'Сағатты қою'], fee: ['Set fee, USD', 'Задать сбор, долл.', 'فیس، ڈالر', 'Алым, долл.'], add: ['Add', 'Добавить', 'شامل کریں', 'Қосу'], remove: ['Remove', 'Убрать', 'ہٹائیں', 'Алып тастау'],
  ready: ['Ready scenarios', 'Готовые сценарии', 'تیار منظرنامے', 'Дайын сценарийлер'], changes: ['Changes', 'Изменения', 'تبدیلیاں', 'Өзгерістер'], clear: ['Clear', 'Очистить', 'صاف کریں', 'Тазалау'],
  own: ['Drop your own figures here (.xlsx, .csv)', 'Перетащите сюда свои данные (.xlsx, .csv)', 'اپنے اعداد یہاں چھوڑیں (.xlsx, .csv)', 'Өз деректеріңізді осында тастаңыз (.xlsx, .csv)'],
  working: ['Working…', 'Идёт расчёт…', 'حساب جاری…', 'Есептелуде…'], gain: ['Gain, million USD a year', 'Выигрыш, млн долл. в год', 'فائدہ، ملین ڈالر سالانہ', 'Ұтыс, жылына млн долл.'],
  flow: ['Flow a day', 'Поток в день', 'روزانہ بہاؤ', 'Тәулік ағыны'], before: ['before', 'было', 'پہلے', 'бұрын'], place: ['Place', 'Место', 'جگہ', 'Орын'], state: ['State', 'Состояние', 'حالت', 'Күйі'], confirmed: ['Confirmed', 'Подтверждено', 'تصدیق', 'Расталған'],
  open: ['open', 'открыто', 'کھلا', 'ашық'], closed: ['closed', 'закрыто', 'بند', 'жабық'], restricted: ['restricted', 'ограничено', 'محدود', 'шектеулі'], bilateral: ['two countries only', 'только для двух стран', 'صرف دو ملک', 'тек екі ел'], unknown: ['unknown', 'неизвестно', 'نامعلوم', 'белгісіз'],
  under_construction: ['under construction', 'строится', 'زیر تعمیر', 'салынуда'], planned: ['planned', 'планируется', 'مجوزہ', 'жоспарда'],
  due: ['Due', 'Срок', 'میعاد', 'Мерзімі'], what: ['What', 'Что', 'کیا', 'Не'], absent: ['Not in this installation.', 'В этой установке нет.', 'اس تنصیب میں نہیں۔', 'Бұл орнатуда жоқ.'],
  paste: ['Paste an article', 'Вставьте статью', 'مضمون چسپاں کریں', 'Мақаланы қойыңыз'], date: ['Its date', 'Её дата', 'اس کی تاریخ', 'Оның күні'], judge: ['Check', 'Проверить', 'جانچیں', 'Тексеру'], keep: ['Enter as drafts', 'Внести черновиками', 'مسودہ درج کریں', 'Жоба ретінде енгізу'],
  then: ['Then', 'Тогда', 'تب', 'Сол кезде'], now: ['Now', 'Сейчас', 'اب', 'Қазір'], claims: ['Claims', 'Утверждения', 'دعوے', 'Мәлімдемелер'], accept: ['Accept', 'Принять', 'قبول', 'Қабылдау'], reject: ['Reject', 'Отклонить', 'رد', 'Қабылдамау'], evidence: ['Evidence (address or row)', 'Доказательство', 'ثبوت', 'Дәлел'],
  download: ['Download', 'Скачать', 'ڈاؤن لوڈ', 'Жүктеу'], report: ['Whole report', 'Весь отчёт', 'مکمل رپورٹ', 'Толық есеп'], cancel: ['Cancel', 'Отменить', 'منسوخ', 'Болдырмау'], cite: ['Cite as', 'Ссылка', 'حوالہ', 'Сілтеме'], map: ['Map', 'Карта', 'نقشہ', 'Карта'],
  against: ['against', 'в сравнении с', 'بمقابلہ', 'салыстырғанда'], compare: ['Compare', 'Сравнить', 'موازنہ', 'Салыстыру'], decision: ['Decision', 'Решение', 'فیصلہ', 'Шешім'], country: ['Country', 'Страна', 'ملک', 'Ел'],
  established: ['established', 'установлено', 'ثابت', 'анықталған'], notEstablished: ['not established', 'не установлено', 'ثابت نہیں', 'анықталмаған'], pass: ['pass', 'выполнено', 'پورا', 'орындалды'], conditional: ['conditional', 'условно', 'مشروط', 'шартты'], fail: ['fail', 'не выполнено', 'ناکام', 'орындалмады'],
  npv: ['Net present value, million USD', 'ЧПС, млн долл.', 'خالص موجودہ مالیت، ملین ڈالر', 'Таза келтірілген құн, млн долл.'], chance: ['chance above zero', 'вероятность выше нуля', 'صفر سے اوپر کا امکان', 'нөлден жоғары болу ықтималдығы'],
  openDays: ['Open days a year', 'Открыто дней в году', 'سال میں کھلے دن', 'Жылына ашық күндер'], needed: ['needed', 'нужно', 'درکار', 'қажет'], movesMost: ['Moves the result most', 'Сильнее всего влияет', 'سب سے زیادہ اثر', 'Ең көп әсер ететіні'],
  choices: ['Choices, best first', 'Варианты, лучший первым', 'انتخاب، بہترین پہلے', 'Таңдаулар, үздігі бірінші'], buildAll: ['build all', 'построить всё', 'سب بنائیں', 'бәрін салу'], stageOne: ['build stage one', 'построить первую очередь', 'پہلا مرحلہ بنائیں', 'бірінші кезеңді салу'], studyWait: ['study and wait', 'изучить и подождать', 'مطالعہ اور انتظار', 'зерттеу және күту'], decline: ['decline', 'отказаться', 'انکار', 'бас тарту'],
  costM: ['Cost, million USD', 'Затраты, млн долл.', 'لاگت، ملین ڈالر', 'Шығын, млн долл.'], worthM: ['Worth, million USD', 'Ценность, млн долл.', 'مالیت، ملین ڈالر', 'Құны, млн долл.'], waiting: ['Waiting loses', 'Потери от ожидания', 'انتظار کا نقصان', 'Күту шығыны'],
  scorecard: ['Scorecard', 'Оценочная карта', 'جانچ کارڈ', 'Бағалау картасы'], wouldHaveTo: ['To pass', 'Чтобы выполнить', 'پورا ہونے کے لیے', 'Орындалу үшін'],
  coalition: ['Will every country stay in?', 'Останутся ли все страны?', 'کیا ہر ملک ساتھ رہے گا؟', 'Барлық ел қала ма?'], gainM: ['Gain a year', 'Выигрыш в год', 'سالانہ فائدہ', 'Жылдық ұтыс'], netM: ['Net', 'Чистый', 'خالص', 'Таза'], shapley: ['Shapley value', 'Значение Шепли', 'شیپلے قدر', 'Шепли мәні'], lostWithout: ['Lost without it', 'Потери без неё', 'اس کے بغیر نقصان', 'Онсыз шығын'], payment: ['Payment', 'Выплата', 'ادائیگی', 'Төлем'],
  closures: ['Loss if shut for a year', 'Потери при закрытии на год', 'سال بھر بندش کا نقصان', 'Бір жыл жабылса шығын'], lossM: ['Million USD', 'Млн долл.', 'ملین ڈالر', 'Млн долл.'], portfolio: ['Which projects', 'Какие проекты', 'کون سے منصوبے', 'Қай жобалар'],
  notWorked: ['Nobody has worked the decision out for this day yet.', 'Для этого дня решение ещё не рассчитано.', 'اس دن کا فیصلہ ابھی نہیں نکالا گیا۔', 'Бұл күнге шешім әлі есептелмеген.'], workOut: ['Work it out (minutes)', 'Рассчитать (минуты)', 'نکالیں (چند منٹ)', 'Есептеу (бірнеше минут)'],
  unchecked: ['', 'Перевод не проверен носителем языка.', 'ترجمہ کسی اہل زبان نے نہیں جانچا۔', 'Аударманы ана тілінде сөйлейтін адам тексермеген.'], keys: ['Keys: / search, 1–8 panels, ↑ ↓ routes', 'Клавиши: / поиск, 1–8 панели, ↑ ↓ маршруты', 'کلیدیں: / تلاش، 1–8 خانے، ↑ ↓ راستے', 'Пернелер: / іздеу, 1–8 панель, ↑ ↓ бағыт'],
  theme: ['Light or dark', 'Светлая или тёмная', 'روشن یا تاریک', 'Жарық не қараңғы'], language: ['Language', 'Язык', 'زبان', 'Тіл'], today: ['today', 'сегодня', 'آج', 'бүгін'],
} satisfies Record<string, [string, string, string, string]>;
export type Word = keyof typeof W;
const AT: Record<Lang, number> = {en: 0, ru: 1, ur: 2, kk: 3};
export const say = (lang: Lang, word: Word): string => W[word][AT[lang]];
export const sayState = (lang: Lang, state: string): string => state in W ? say(lang, state as Word) : state;
const PROMISES: Record<string, [string, string, string, string]> = {'open': ['open', 'срок не наступил', 'مدت باقی', 'мерзімі келген жоқ'], 'in-grace': ['in grace', 'льготный срок', 'رعایتی مدت', 'жеңілдік мерзімі'], 'overdue': ['overdue', 'просрочено', 'مدت گزر گئی', 'мерзімі өтті'], 'kept': ['kept', 'выполнено', 'پورا ہوا', 'орындалды'], 'kept-late': ['kept late', 'выполнено с опозданием', 'دیر سے پورا ہوا', 'кешігіп орындалды'], 'partly-kept': ['partly kept', 'выполнено частично', 'جزوی طور پر پورا', 'ішінара орындалды'], 'abandoned': ['abandoned', 'отменено', 'ترک', 'бас тартылды'], 'undated': ['no date', 'без срока', 'بغیر مدت', 'мерзімсіз']};
export const sayPromise = (lang: Lang, state: string): string => PROMISES[state]?.[AT[lang]] ?? state;
const GROUNDS: Record<string, [string, string, string, string]> = {reported: ['reported', 'сообщено', 'بیان شدہ', 'хабарланған'], derived: ['derived', 'выведено', 'اخذ شدہ', 'шығарылған'], assumed: ['assumed', 'предположено', 'مفروضہ', 'болжам']};
/** Ground of a figure: read in a source, worked out, or assumed. */
export const sayGround = (lang: Lang, basis: string): string => GROUNDS[basis]?.[AT[lang]] ?? basis;
export const sayVerdict = (lang: Lang, verdict: string): string => { const word = verdict === 'not established' ? 'notEstablished' : verdict; return word in W ? say(lang, word as Word) : verdict; };
export const LANGUAGE_NAMES: Record<Lang, string> = {en: 'English', ru: 'Русский', ur: 'اردو', kk: 'Қазақша'};
