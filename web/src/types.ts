// What the interface of the server gives; names are its own.
export type Lang = 'en' | 'ru' | 'ur' | 'kk';
export type Names = Record<Lang, string>;
export interface Place { id: string; names: Names; kind: string; country: string; country_b: string; lat: number; lon: number; weight: number | null; zone: boolean }
export interface Link { id: string; from: string; to: string; mode: 'road' | 'rail' | 'sea' | 'ferry'; length_km: number; gauge_mm: number | null; project: string }
export interface Crossing { id: string; place: string; mode: string; exit_country: string; entry_country: string; side: string; hours: number; hours_low: number; hours_high: number; fee_usd_per_feu: number; basis: string; as_of: string }
export interface Project { id: string; name: string; kind: string; stage: string; what: string; scenario: string }
export interface Scenario { name: string; title: string; description: Partial<Names>; unchecked: string[]; changes: string[] }
export interface Atlas {
  name: string; title: string; version: string; digest: string; base_date: string; price_year: number; cite_as: string; limit_of_use: string;
  places: Place[]; links: Link[]; crossings: Crossing[]; projects: Project[]; scenarios: Scenario[];
  countries: {iso3: string; names: Names; member: boolean}[];
  judged: Record<Lang, Record<string, string>>;
  commodities: {id: string; names: Names}[]; containers: {id: string; name: string}[];
  sources: {id: string; title: string; publisher: string; date: string; address: string}[];
  passages: Record<string, Names>;
  boundaries: {window: [number, number, number, number]; land: number[][][][]; firm: number[][][]; disputed: [string, number[][]][] | number[][][]; note: Names};
}
export interface Leg { from: string; to: string; mode: string; kind: string; km: number; hours: number; end_dwell_h: number; usd_per_t: number; fee_usd_per_t: number; country: string; time_basis: string; cost_basis: string; source: string; as_of: string }
export interface Paper { id: string; kind: string; country: string; place: string | null; what: string; issuer: string | null; days: number | null; fee_usd: number | null; usable_by: string[] | null; authority: string | null; limit: number | null; limit_unit: string | null; basis: string }
export interface Route {
  rank: number; label: string; difference: string; cost_usd_per_t: number; cost_usd_per_t_p10: number; cost_usd_per_t_p90: number; cost_usd_per_feu: number;
  time_h_mean: number; time_h_p10: number; time_h_p90: number; door_to_door_h_mean: number; distance_km: number; co2e_kg_per_t: number; fee_usd_per_t: number;
  borders: string[]; countries: string[]; modes: string[]; gauge_changes: number; warnings: string[]; papers: Paper[]; legs: Leg[];
  evidence: {cost_share: Record<string, number>; time_share: Record<string, number>; oldest_price: string | null; oldest_status: string | null};
}
export interface Status { kind: string; object: string; mode: string | null; state: string; last_state: string; since: string | null; confirmed_on: string; days_since_confirmed: number; reason: string; source: string; words: string }
export interface PriceLine { group: string; what: string; usd: number; usd_p10: number; usd_p90: number; as_of: string; basis: string; source: string }
export interface Price { container: string; load_t: number; goods: string; value_usd: number; usd: number; usd_p10: number; usd_p90: number; lines: PriceLine[]; deposits: PriceLine[]; options: PriceLine[]; not_included: string[]; air_benchmark: {usd: number; usd_low: number; usd_high: number; days: number; basis: string} }
export interface Answer {
  as_of: string; origin: string; destination: string; routes: Route[]; no_route: string | null; if_open: Route[] | null; if_shut: Route[] | null;
  unknown: Status[]; unknown_decides: boolean | null; shut: Status[]; left_out: string[]; prices: Price[] | null;
  why: {gap_usd_per_t: number; parts: {part: string; best_usd_per_t: number; next_usd_per_t: number}[]; break_evens: {what: string; object: string | null; unit: string; now: number; flips_at: number; on_best: boolean}[]} | null;
}
export interface Facility { facility: string; name: string; unit: string; flow_per_day: number; flow_before_per_day: number; capacity_per_day: number; time_h: number; time_before_h: number }
export interface Solved {
  as_of: string; against: string; unit: {money: string}; gains: {economy: string; name: string; macro_region: string; gain_usd_m: number; gain_percent: number}[];
  regions: {macro_region: string; gain_usd_m: number}[]; facilities: Facility[]; certificate: {residual: number; stranded_t_per_year: number};
}
type Way = {way: string; usd_per_t: number; door_to_door_days: number; km: number} | null;
export interface Compared { a: {as_of: string}; b: {as_of: string}; pairs: {origin: string; destination: string; a: Way; b: Way; change: {usd_per_t: number | null; days: number | null}}[]; gains: Solved['gains']; facilities: Facility[] }
export interface Decided {
  as_of: string; draws: number; project?: string; established: boolean; why_not: string; npv_usd?: {p10: number; p50: number; p90: number}; p_npv_positive?: number; open_days?: (number | null)[]; open_days_needed?: number | null; moves_most?: string; moves_share?: number;
  choices: {name: string; cost_usd: number; value_usd: number; low_usd: number; high_usd: number; waiting_loses_usd: number | null}[];
  score: {criterion: string; title: string; unit: string; value: number | null; low: number | null; high: number | null; verdict: string; would_have_to: string}[];
  tables: Record<string, Record<string, unknown>[]>;
}
export interface Milestone { id: string; entry: string; title: string; what: string; due: string; state: string; days_over: number; parties: string; source: string }
export interface ClaimRow { id: string; stage: string; quote: string; type: string; said_on: string | null; article: string; proposed: {then: string; now: string; materiality: string}; next_question: string | null; verdict: {then: string; now: string} | null }
export interface LedgerLists { as_of: string; entries: {id: string; title: Names; parties: string[]; date: string; state: string | null}[]; milestones: Milestone[]; claims: ClaimRow[] }
export interface Session { role: string; name: string; csrf: string }
export interface Offers { today: string; offers: {ledger: boolean; trade: boolean; study: boolean; draws: number | null}; packages: {name: string}[] }
export interface Job { id: string; state: string; done: number; of: number; doing: string; share: number; left_s: number | null; seconds: number; fault: {detail: string; remedy: string} | null }
export interface Close { op: 'open' | 'close'; object: string; mode: '' | 'road' | 'rail' | 'sea' | 'ferry' }
export interface SetOp { op: 'set'; table: string; id: string; column: string; value: number }
export type Op = Close | SetOp;
