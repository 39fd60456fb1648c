// Cumulative flow: the bands are what every stage held, on top of what had left; the line above is what had arrived.
import { useMemo } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Answer } from '../api.ts';
import type { FlowDoc } from '../doc.ts';
import { count, date } from '../format.ts';
import { Card } from '../part/card.tsx';
import { colour, theme } from '../theme.ts';
import { get, place, set } from '../url.ts';
import { SeriesChart, type Series } from './series.tsx';

const MOST = 5; // colours, then "other stages"

export function Cfd(props: { flow: FlowDoc; answer: Answer<FlowDoc>; order: string[] }) {
    const { flow } = props, wipOnly = get(place.value, 'curve') === 'wip', over = useSignal<number | null>(null);
    const times = useMemo(() => flow.times.map(t => Date.parse(t) / 1000), [flow]);
    const made = useMemo(() => {
        const peak = (s: FlowDoc['stages'][number]): number => Math.max(0, ...s.wip);
        const held = flow.stages.filter(s => peak(s) > 0), big = new Set([...held].sort((a, b) => peak(b) - peak(a)).slice(0, MOST));
        const inOrder = props.order.flatMap(name => held.filter(s => s.name === name && big.has(s)));
        const rest = held.filter(s => !big.has(s));
        const bands = inOrder.map((s, i) => ({ name: s.name, wip: s.wip, colour: `series${i + 1}` }));
        if (rest.length > 0) bands.push({ name: `other (${rest.length})`, wip: flow.times.map((_, k) => rest.reduce((sum, s) => sum + s.wip[k]!, 0)), colour: 'ink3' });
        return bands;
    }, [flow, props.order]);
    const left = flow.times.map((_, i) => flow.finished[i]! + flow.cancelled[i]!);
    const ground = wipOnly ? flow.times.map(() => 0) : left;
    const lines: Series[] = [], bands: [number, number, string][] = [];
    let under = ground;
    lines.push({ label: 'left', values: under, colour: colour('ink3'), width: wipOnly ? 0 : 1.5 });
    for (const band of [...made].reverse()) { // the last stage lies lowest
        const upper = under.map((y, i) => y + band.wip[i]!);
        lines.push({ label: band.name, values: upper, colour: colour(band.colour), width: 1 });
        bands.push([lines.length, lines.length - 1, colour(band.colour) + '66']);
        under = upper;
    }
    if (!wipOnly) lines.push({ label: 'arrived', values: flow.arrived, colour: colour('ink'), width: 1.5, dash: [4, 3] });
    const besides = under.some((y, k) => y > flow.arrived[k]!); // visits lie side by side
    const i = over.value ?? flow.times.length - 1;
    const table = {
        columns: [
            { title: 'until', text: (k: number) => date(flow.times[k]!), raw: (k: number) => flow.times[k], key: true },
            { title: 'arrived', text: (k: number) => count(flow.arrived[k]), raw: (k: number) => flow.arrived[k], right: true, key: true },
            { title: 'finished', text: (k: number) => count(flow.finished[k]), raw: (k: number) => flow.finished[k], right: true, key: true },
            { title: 'cancelled', text: (k: number) => count(flow.cancelled[k]), raw: (k: number) => flow.cancelled[k], right: true },
            ...flow.stages.map(s => ({ title: `in ${s.name}`, text: (k: number) => count(s.wip[k]), raw: (k: number) => s.wip[k], right: true })),
        ],
        rows: flow.times.map((_, k) => k).reverse(),
    };
    const last = flow.times.length - 1;
    const said = last >= 0 ? `Cumulative flow: by ${date(flow.times[last]!)} ${count(flow.arrived[last])} items had arrived, ${count(flow.finished[last])} had finished; press t for the table` : 'Cumulative flow: nothing yet';
    void theme.value;
    return <Card title={wipOnly ? 'Work in progress' : 'Cumulative flow'} chart
        controls={<div class="segments" role="group" aria-label="Which curve">{[[undefined, 'cumulative'], ['wip', 'in progress']].map(([k, text]) =>
            <button type="button" key={text} aria-pressed={wipOnly === (k === 'wip')} onClick={() => set({ curve: k })}>{text}</button>)}</div>} answer={props.answer} table={table}
        about={wipOnly ? 'Items in each stage over time' : 'Arrived above, left below; a band that widens is a stage that fills up'}
        explain={{ meaning: 'For every moment: the items that had arrived, finished or been cancelled until then, and those that each stage held at it.', n: flow.items }}>
        <SeriesChart key={String(wipOnly)} times={times} series={lines} bands={bands} height={240} text={y => count(y)} label={said} onPoint={k => { over.value = k; }} />
        <ul class="legend" aria-live="off">
            <li class="when">{date(flow.times[i])}</li>
            {!wipOnly && <li><i class="dash" />arrived <b>{count(flow.arrived[i])}</b></li>}
            {made.map(b => <li key={b.name}><i style={{ background: colour(b.colour) }} />{b.name} <b>{count(b.wip[i])}</b></li>)}
            {!wipOnly && <li><i style={{ background: colour('ink3') }} />left <b>{count(left[i])}</b></li>}
        </ul>
        {besides && !wipOnly && <p class="hint">Items are in several stages at once here, and are counted in each: the bands reach above what had arrived.</p>}
    </Card>;
}
