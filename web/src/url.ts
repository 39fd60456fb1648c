// All state of a page stands in the address, behind the #: "#/items/ab%2Fbundle?last=90d&sort=age". So back and
// forward work, a link shows what its sender saw, and any server of plain files will do.
import { signal } from '@preact/signals';

export interface Place {
    page: string;
    arg: string; // the item's id; '' on other pages
    query: [string, string][]; // in the order written; a key may repeat (where)
}

export function parsePlace(hash: string): Place {
    const text = hash.replace(/^#?\/?/, '');
    const mark = text.indexOf('?');
    const [page = '', ...rest] = (mark < 0 ? text : text.slice(0, mark)).split('/');
    const query = [...new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1))];
    let arg = rest.join('/');
    try { arg = decodeURIComponent(arg); } catch { /* a stray %: as it is */ }
    return { page: page || 'map', arg, query };
}

export function printPlace(place: Place): string {
    const query = new URLSearchParams(place.query).toString();
    return `#/${place.page}${place.arg ? '/' + encodeURIComponent(place.arg) : ''}${query ? '?' + query : ''}`;
}

export const get = (place: Place, key: string): string | undefined => place.query.find(([k]) => k === key)?.[1];

/** The query with these keys changed; undefined takes a key away. */
export function changed(query: [string, string][], change: Record<string, string | undefined>): [string, string][] {
    const kept = query.filter(([k]) => !(k in change));
    for (const [k, v] of Object.entries(change)) if (v !== undefined) kept.push([k, v]);
    return kept;
}

/** Which items and which time: what goes along from page to page and to the program. */
export const SCOPE = ['stream', 'where', 'from', 'to', 'last', 'clock', 'tz'];
export const scopeOf = (query: [string, string][]): [string, string][] => query.filter(([k]) => SCOPE.includes(k));

const UNIT: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** "last 90 days" as two instants, so that a link shows tomorrow what it shows today. */
export function absolute(query: [string, string][], now: Date): [string, string][] {
    const last = query.find(([k]) => k === 'last')?.[1];
    const length = last && /^(\d+(?:\.\d+)?)([smhdw])$/.exec(last);
    if (!length) return query;
    const to = query.find(([k]) => k === 'to')?.[1];
    const end = to ? new Date(to) : now;
    if (isNaN(+end)) return query;
    const from = new Date(+end - Number(length[1]) * UNIT[length[2]!]! * 1000);
    return changed(query, { last: undefined, from: from.toISOString(), to: end.toISOString() });
}

// --- the address that is shown now ---
const shown = typeof location === 'undefined' ? '' : location.hash;
export const place = signal<Place>(parsePlace(shown));

export function follow(): void {
    addEventListener('hashchange', () => { place.value = parsePlace(location.hash); });
}

export function go(next: Place, replace = false): void {
    const text = printPlace(next);
    if (replace) {
        history.replaceState(null, '', text);
        place.value = next;
    } else if (text !== location.hash) location.hash = text;
}

/** Changes keys of this page's query. */
export const set = (change: Record<string, string | undefined>, replace = false): void =>
    go({ ...place.value, query: changed(place.value.query, change) }, replace);

/** The address of a page within the same scope. */
export const link = (page: string, arg = '', more: Record<string, string> = {}): string =>
    printPlace({ page, arg, query: [...scopeOf(place.value.query), ...Object.entries(more)] });
