// The documents that weir prints (docs/documents.md), as far as the pages read them.

export interface D { n: number; mean: number; min: number; p50: number; p85: number; p95: number; max: number; sum: number; stdev?: number; }
export interface E { value: number; low: number; high: number; level: number; }
export interface Rule { name: string; version: string; parameters: Record<string, unknown>; text?: string; }
export interface Range { from: string | null; to: string | null; }
export interface Doc {
    schema: string;
    sentence?: string;
    next?: string[];
    range?: Range;
    clock?: string;
    calendar?: string;
    kind?: string;
    excluded: Record<string, number>;
    notes: string[];
}
export interface Stage {
    name: string; category: string; visits: number; items: number; wip: number; wip_now: number;
    time: D | null; wait: D | null; work: D | null; rework_visits: number;
}
export interface Edge { from: string; to: string; count: number; items: number; time: D | null; overlaps: number; overlap_sum_s: number; }
export interface MapDoc extends Doc {
    items: number; events: number; visits: number;
    variants: { count: number; top: { id: string; path: string[]; items: number }[] };
    starts: Record<string, number>; ends: Record<string, number>;
    stages: Stage[]; edges: Edge[];
}
export interface FlowStage { name: string; category: string; entered: number[]; wip: number[]; age: D | null; }
export interface FlowDoc extends Doc {
    items: number; visits: number; lead: D | null; step_s: number; times: string[];
    arrived: number[]; finished: number[]; cancelled: number[]; stages: FlowStage[];
}
export interface Batch {
    kind: 'gate' | 'timer'; price_s: number; period_s?: number; moments?: number; size_p50?: number; size_max?: number;
    length_s?: number; steady?: number; toward?: string;
}
export interface Evidence {
    stage: string; probability: number; gain: E | null; gain_wait: E | null; share_of_lead: number; wait_share: number | null;
    arrivals_per_day: number | null; departures_per_day: number | null; queue_slope_per_day: E | null; utilisation: E | null;
    wip: number; wip_now: number; batch: Batch | null; evidence: string[];
}
export interface PlaceOf { place: string; kind: string; lever: string; probability: number; leads: number; people: number | null; utilisation: E | null; wait_s: number; }
export interface ConstraintDoc extends Doc {
    verdict: 'constraint' | 'likely' | 'no_single_constraint' | 'not_identifiable' | 'too_few';
    method: string; stage: string | null; place: string | null; probability: number | null; objective: string; reason: string;
    stages: Evidence[]; places: PlaceOf[]; candidates: string[]; needed_items: number | null;
    throughput: { place: string | null; limit_per_week: number | null; utilisation: number | null; saturated: boolean; sentence: string };
    n: number; items: number; rule: Rule; next: string[];
}
export interface Item {
    id: string; title: string; type: string; stage: string; state: 'open' | 'finished' | 'cancelled'; created: string | null; finished: string | null;
    age_s: number | null; lead_s: number | null; age_percentile: number | null; visits: number; rework_visits: number; left_censored: boolean;
}
export interface ItemsDoc extends Doc { items: Item[]; total: number; finished: number; }
export interface Span {
    id: string; parent: string | null; stage: string | null; who: string | null; team: string | null; begin: string; end: string;
    state: 'wait' | 'work' | 'blocked' | 'rework'; undivided: boolean; critical: boolean; percentile: number | null;
}
export interface ItemDoc extends Doc {
    id: string; type: string; title: string; state: string; created: string; finished: string | null;
    links: { id: string; type: string; kind: string; direction: string; rule: string; confidence: number }[];
    spans: Span[]; lead_s: number; wait_s: number; work_s: number; blocked_s: number; between_s: number; parallel_s: number;
    critical_path: { stage: string | null; self_s: number; share: number }[];
}
export interface Metric {
    value: number | null; unit: string; distribution: D | null; estimate: E | null; n: number; coverage: number | null; rule: Rule | null;
    excluded: Record<string, number>; series: { from: string; to: string; value: number | null; n: number; partial: boolean }[];
    detail?: Record<string, unknown>; note: string | null; warning?: string | null;
}
export interface MetricsDoc extends Doc {
    dora?: Record<string, Metric | null>; flow?: Record<string, Metric | null>; feedback?: Record<string, Metric | null>;
    window?: Range; environments?: { name: string; deployments: number; production: boolean }[];
}
export interface StatusDoc extends Doc {
    store: string; bytes: number; events: number; items: number; links: number; rejects: number; range: Range; lag_s: number | null;
    sources: { name: string; format: string; path: string; paths: number; imports: number; events: number; rejected: number; state: string;
        imported: string; range: Range; lag_s: number | null; incomplete: boolean }[];
    kinds: { kind: string; items: number; events: number }[];
}
export interface RejectsDoc extends Doc { count: number; rejects: { batch: number; name: string; received: string; source: string; line: number | null; column: string; reason: string; raw: string }[]; }
export interface DoctorDoc extends Doc {
    checks: { check: string; state: 'ok' | 'note' | 'problem'; numerator: number; denominator: number | null; share: number | null; sentence: string; fix: string | null }[];
    problems: number;
}

/** A row of the visits, for pictures only: seconds since the range's start; the edge's number. */
export interface Visits {
    zero: number; // seconds since 1970 of the range's start
    length: number; n: number; every: number; visits: number;
    edges: { from: string | null; to: string; count: number }[];
    begin: Float32Array; end: Float32Array; edge: Uint8Array;
}

/** weir flow --visits: a line of JSON that ends at a multiple of four, begin[n], end[n], edge[n]. */
export function readVisits(bytes: ArrayBuffer): Visits {
    const all = new Uint8Array(bytes), line = all.indexOf(10);
    if (line < 0) throw new Error('the visits have no header');
    const head = JSON.parse(new TextDecoder().decode(all.subarray(0, line))) as Doc & { n: number; visits: number; every: number; edges: Visits['edges'] };
    const at = line + 1, n = head.n;
    if (bytes.byteLength !== at + 9 * n) throw new Error(`the visits are ${bytes.byteLength - at} bytes long, ${9 * n} are announced`);
    const zero = head.range?.from ? Date.parse(head.range.from) / 1000 : 0, to = head.range?.to ? Date.parse(head.range.to) / 1000 : zero;
    return {
        zero, length: Math.max(1, to - zero), n, every: head.every, visits: head.visits, edges: head.edges,
        begin: new Float32Array(bytes, at, n), end: new Float32Array(bytes, at + 4 * n, n), edge: new Uint8Array(bytes, at + 8 * n, n),
    };
}
