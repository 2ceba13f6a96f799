// Every word of the page, in four languages; no native reader has checked the last three.
import type {Lang} from '../types';

const W = {
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
  unchecked: ['', 'Перевод не проверен носителем языка.', 'ترجمہ کسی اہل زبان نے نہیں جانچا۔', 'Аударманы ана тілінде сөйлейтін адам тексермеген.'], keys: ['Keys: / search, 1–6 panels, ↑ ↓ routes', 'Клавиши: / поиск, 1–6 панели, ↑ ↓ маршруты', 'کلیدیں: / تلاش، 1–6 خانے، ↑ ↓ راستے', 'Пернелер: / іздеу, 1–6 панель, ↑ ↓ бағыт'],
  theme: ['Light or dark', 'Светлая или тёмная', 'روشن یا تاریک', 'Жарық не қараңғы'], language: ['Language', 'Язык', 'زبان', 'Тіл'], today: ['today', 'сегодня', 'آج', 'бүгін'],
} satisfies Record<string, [string, string, string, string]>;
export type Word = keyof typeof W;
const AT: Record<Lang, number> = {en: 0, ru: 1, ur: 2, kk: 3};
export const say = (lang: Lang, word: Word): string => W[word][AT[lang]];
export const sayState = (lang: Lang, state: string): string => state in W ? say(lang, state as Word) : state;
export const LANGUAGE_NAMES: Record<Lang, string> = {en: 'English', ru: 'Русский', ur: 'اردو', kk: 'Қазақша'};
