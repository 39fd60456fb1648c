// Where the marks of an axis stand: linear, logarithmic over durations, and time.

/** Round numbers (1, 2, 5 times a power of ten) from low to high, about `wanted` of them. */
export function linearTicks(low: number, high: number, wanted = 5): number[] {
    if (!(high > low) || !isFinite(low) || !isFinite(high)) return isFinite(low) ? [low] : [];
    const rough = (high - low) / Math.max(1, wanted), power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(k => k * power).find(s => s >= rough * .999)!;
    const ticks: number[] = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-12) + step * 1e-9; k++) ticks.push(Number((k * step).toPrecision(12)));
    return ticks;
}

/** Lengths that people say: a second to ten thousand days. */
const LENGTHS = [.001, .01, .1, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 100 * 86400, 365 * 86400, 3650 * 86400];
const DENSE = [.1, .2, .5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 4 * 3600, 12 * 3600, 86400, 2 * 86400, 4 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 60 * 86400, 100 * 86400, 200 * 86400, 365 * 86400];
export const lapseTicks = (low: number, high: number): number[] => {
    const inside = (high / low < 300 ? DENSE : LENGTHS).filter(x => x >= low && x <= high);
    return inside.length <= 7 ? inside : inside.filter((_, i) => i % 2 === (inside.length + 1) % 2);
};
const LINEAR = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 5 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 60 * 86400, 100 * 86400, 200 * 86400, 365 * 86400];
/** From 0, for a linear axis of durations. */
export function lapseSteps(high: number, wanted = 5): number[] {
    const step = LINEAR.find(s => high / s <= wanted + .5) ?? linearTicks(0, high, wanted)[1] ?? high;
    const ticks: number[] = [];
    for (let t = 0; t <= high * 1.0001; t += step) ticks.push(t);
    return ticks;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pad = (n: number): string => String(n).padStart(2, '0');

export interface TimeTick { t: number; text: string; } // t in seconds since 1970

/** Years, months, days or hours in UTC, whichever gives at most `wanted`. */
export function timeTicks(low: number, high: number, wanted = 6): TimeTick[] {
    const ticks: TimeTick[] = [], span = high - low;
    if (!(span > 0)) return ticks;
    const put = (t: number, text: string): void => { if (t >= low && t <= high) ticks.push({ t, text }); };
    const day = 86400;
    if (span / (365 * day) >= 1.6) {
        const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find(s => span / (s * 365.25 * day) <= wanted) ?? 5000;
        const first = new Date(low * 1000).getUTCFullYear();
        for (let y = Math.floor(first / step) * step; y <= first + span / (365 * day) + 1; y += step) put(Date.UTC(y, 0, 1) / 1000, String(y));
    } else if (span / (28 * day) >= 1.9) {
        const step = [1, 2, 3, 6].find(s => span / (s * 30.4 * day) <= wanted) ?? 6;
        const d = new Date(low * 1000);
        for (let k = Math.floor(d.getUTCMonth() / step) * step; k < 60; k += step) {
            const t = Date.UTC(d.getUTCFullYear(), k, 1);
            put(t / 1000, `${MONTHS[new Date(t).getUTCMonth()]} ${new Date(t).getUTCFullYear()}`);
        }
    } else if (span / day >= 1.9) {
        const step = [1, 2, 7, 14].find(s => span / (s * day) <= wanted) ?? 14;
        for (let t = Math.ceil(low / day) * day; t <= high; t += step * day) put(t, `${new Date(t * 1000).getUTCDate()} ${MONTHS[new Date(t * 1000).getUTCMonth()]}`);
    } else {
        const step = [60, 300, 900, 1800, 3600, 7200, 21600, 43200].find(s => span / s <= wanted) ?? 43200;
        for (let t = Math.ceil(low / step) * step; t <= high; t += step) put(t, `${pad(new Date(t * 1000).getUTCHours())}:${pad(new Date(t * 1000).getUTCMinutes())}`);
    }
    return ticks;
}
