// Figures as text. Durations read as on the command line (view/text): 27.4d, 6.3h, 12min, 850ms.

const DAY = 86400, HOUR = 3600, MINUTE = 60;
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = (n: number | null | undefined): string => n == null ? '–' : grouped.format(n);

export function lapse(s: number | null | undefined): string {
    if (s == null) return '–';
    if (s < 0) return '−' + lapse(-s);
    if (s === 0) return '0s';
    if (s >= 100 * DAY - DAY / 20) return grouped.format(s / DAY) + 'd';
    if (s >= DAY - HOUR / 20) return Math.max(s / DAY, 1).toFixed(1) + 'd';
    if (s >= HOUR - MINUTE / 2) return Math.max(s / HOUR, 1).toFixed(1) + 'h';
    if (s >= MINUTE - .5) return (s / MINUTE).toFixed(0) + 'min';
    if (s >= 9.95) return s.toFixed(0) + 's';
    if (s >= .1) return s.toFixed(1) + 's';
    if (s >= .01) return (s * 1000).toFixed(0) + 'ms';
    return plain(s * 1000) + 'ms';
}

/** At most three significant digits, no exponent where it can be helped. */
export function plain(x: number | null | undefined): string {
    if (x == null) return '–';
    if (x === 0) return '0';
    const a = Math.abs(x);
    if (a >= 1000) return grouped.format(x).replace('-', '−');
    const digits = a >= 100 ? 0 : a >= 10 ? 1 : a >= .095 ? 2 : a >= .0095 ? 3 : 4;
    return x.toFixed(digits).replace('-', '−');
}

export function share(x: number | null | undefined): string {
    if (x == null) return '–';
    const p = x * 100;
    if (p > 0 && p < .1) return '< 0.1 %';
    if (p > 99.9 && p < 100) return '> 99.9 %';
    return (p === 0 || p === 100 || p >= 10 && p < 99.5 ? p.toFixed(0) : p.toFixed(1)) + ' %';
}

export function bytes(n: number | null | undefined): string {
    if (n == null) return '–';
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let k = 0;
    while (n >= 1000 && k < 4) { n /= 1000; k++; }
    return `${k ? plain(n) : n} ${units[k]}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Parts of an instant in a zone: 'UTC', or the browser's when undefined. */
function parts(t: Date, zone?: string): { y: number; mo: number; d: number; h: number; mi: number } {
    if (zone === 'UTC') return { y: t.getUTCFullYear(), mo: t.getUTCMonth() + 1, d: t.getUTCDate(), h: t.getUTCHours(), mi: t.getUTCMinutes() };
    return { y: t.getFullYear(), mo: t.getMonth() + 1, d: t.getDate(), h: t.getHours(), mi: t.getMinutes() };
}
export function date(instant: string | Date | null | undefined, zone?: string): string {
    if (instant == null) return '–';
    const t = new Date(instant), p = parts(t, zone);
    return isNaN(+t) ? String(instant) : `${p.y}-${two(p.mo)}-${two(p.d)}`;
}
export function minute(instant: string | Date | null | undefined, zone?: string): string {
    if (instant == null) return '–';
    const t = new Date(instant), p = parts(t, zone);
    return isNaN(+t) ? String(instant) : `${date(t, zone)} ${two(p.h)}:${two(p.mi)}`;
}
/** For tooltips: whole and in UTC. */
export const utc = (instant: string | null | undefined): string =>
    instant == null ? '' : instant.replace('T', ' ').replace(/(\.0+)?Z$/, '') + ' UTC';

/** The value of a metric in its unit; `like`: on the scale that this value has (the ends of an interval). */
export function measure(value: number | null, unit: string, like: number | null = value): string {
    if (value == null) return '–';
    switch (unit) {
        case 's': return lapse(value);
        case 'ratio': return share(value);
        case 'per_day': {
            const scale = like ?? value;
            return scale >= 1 ? `${plain(value)} a day` : scale * 7 >= 1 ? `${plain(value * 7)} a week` : `${plain(value * 30.4375)} a month`;
        }
        case 'items_per_week': return `${plain(value)} a week`;
        case 'items': return plain(value);
        case 'commits': return plain(value);
        default: return `${plain(value)} ${unit.replaceAll('_', ' ')}`;
    }
}

/** Cut in the middle: both ends of a name tell. */
export const cut = (text: string, length: number): string => {
    const all = [...text];
    return all.length <= length ? text : all.slice(0, Math.ceil((length - 1) / 2)).join('') + '…' + all.slice(all.length - Math.floor((length - 1) / 2)).join('');
};
