// The constraint: which single place limits the flow, how sure that is, and what that rests on.
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useDoc, useVisits } from '../api.ts';
import { Spectrum } from '../chart/spectrum.tsx';
import { stageOrder } from '../chart/order.ts';
import { SeriesChart } from '../chart/series.tsx';
import type { ConstraintDoc, E, Evidence, FlowDoc, MapDoc, PlaceOf } from '../doc.ts';
import { count, cut, date, lapse, plain, share } from '../format.ts';
import { Card } from '../part/card.tsx';
import { Num } from '../part/num.tsx';
import { Shown } from '../part/state.tsx';
import { DataTable, type Column, type Table } from '../part/table.tsx';
import { Head } from '../part/verdict.tsx';
import { colour, theme } from '../theme.ts';
import { countTicks } from '../ticks.ts';
import { get, place, set } from '../url.ts';
import { StageDrawer } from './stages.tsx';

const between = (e: E | null, text: (x: number) => string): string | null => e && `${text(e.low)} to ${text(e.high)}`;

export default function Constraint() {
    const objective = get(place.value, 'objective') === 'throughput' ? 'throughput' : 'lead_time';
    const answer = useDoc<ConstraintDoc>('constraint', objective === 'throughput' ? [['objective', 'throughput']] : []);
    const flow = useDoc<FlowDoc>('flow'), map = useDoc<MapDoc>('map'), c = answer.doc;
    const drawer = get(place.value, 'at') ?? null;
    const mark = c?.verdict === 'likely' || c?.verdict === 'constraint' ? 'bad' as const : undefined;
    return <>
        <Head title="Constraint" answer={answer} sentence={c?.reason} mark={mark} next={c && (c.next.find(x => x !== 'weir constraint') ?? 'weir map')}
            sub={c && <p>{c.probability !== null && <>Probability <Num e={{ title: 'Probability', value: share(c.probability), n: c.n, rule: c.rule, answer,
                meaning: 'The share of draws of the log\'s weeks in which the place (or the places named together) leads the others by a tenth; never more than how often such evidence names the right place at all.' }}>{share(c.probability)}</Num>. </>}
                Rests on {count(c.n)} finished items of {count(c.items)}{c.n < 30 ? ': a hint, not a fact' : ''}.</p>} />
        <Shown answer={answer} what="the constraint" empty={d => d.items === 0} draw={d => <div class={'with-side' + (drawer ? ' open' : '')}><div class="with-side-main">
            <div class="cards two">
                <Places doc={d} answer={answer} />
                <Card title="What the evidence says" answer={answer} explain={{ rule: d.rule, n: d.n }} controls={<div class="segments" role="group" aria-label="What is held back">
                    {([['lead_time', 'lead time'], ['throughput', 'throughput']] as const).map(([k, text]) => <button type="button" key={k} aria-pressed={objective === k} onClick={() => set({ objective: k === 'lead_time' ? undefined : k })}>{text}</button>)}</div>}>
                    <ul class="evidence">{d.stages.filter(s => s.evidence.length > 0).map(s => <li key={s.stage} class={s.stage === d.stage ? 'leads' : undefined}>
                        <b>{s.stage === d.stage && <span class="bad">▲ </span>}{s.stage}</b>{s.evidence.map(x => <span key={x}>{x}</span>)}</li>)}</ul>
                    <p class="sub">{d.throughput.sentence}</p>
                    {d.needed_items !== null && <p class="sub">To separate the first two it takes about {count(Math.round(d.needed_items))} finished items.</p>}
                </Card>
            </div>
            <StagesOf doc={d} answer={answer} map={map.doc} />
            {map.doc && <SpectrumCard doc={d} map={map.doc} />}
            <Shown answer={flow} what="what the stages held" draw={f => <Queue flow={f} answer={flow} stage={get(place.value, 'stage') ?? d.stage ?? longest(d)} stages={f.stages.map(s => s.name)} />} />
        </div>
        {drawer && <StageDrawer name={drawer} map={map} flow={flow.doc} constraint={answer} close={() => set({ at: undefined })} />}</div>} />
    </>;
}

/** Where most of the waiting is, or else most of the time. */
const longest = (d: ConstraintDoc): string => [...d.stages].sort((a, b) => (b.wait_share ?? 0) - (a.wait_share ?? 0) || b.share_of_lead - a.share_of_lead)[0]?.stage ?? '';

function Places(props: { doc: ConstraintDoc; answer: ReturnType<typeof useDoc<ConstraintDoc>> }) {
    const { doc, answer } = props, rows = [...doc.places].sort((a, b) => b.probability - a.probability || b.leads - a.leads || b.wait_s - a.wait_s);
    const table: Table<PlaceOf> = { rows, id: p => p.place, columns: [
        { title: 'place', text: p => p.place, raw: p => p.place, key: true }, { title: 'kind', text: p => p.kind, raw: p => p.kind },
        { title: 'leads', right: true, key: true, text: p => share(p.probability), raw: p => p.probability }, { title: 'as counted', right: true, text: p => share(p.leads), raw: p => p.leads },
        { title: 'waiting an item', right: true, key: true, text: p => lapse(p.wait_s), raw: p => p.wait_s }, { title: 'used', right: true, text: p => share(p.utilisation?.value), raw: p => p.utilisation?.value ?? '' },
        { title: 'people', right: true, text: p => plain(p.people), raw: p => p.people ?? '' }] };
    return <Card title="Places" chart answer={answer} table={table} about="Probability that a place holds everything back" explain={{ rule: doc.rule, n: doc.n, meaning: 'Places are pools of people, gates (release trains) and timers. The ranking is drawn again from whole weeks of arrivals.' }}>
        {rows.length === 0 ? <p class="hint">No place can be told apart in this log.</p> : <ul class="bars" aria-label="Probability of each place">{rows.slice(0, 8).map(p => <li key={p.place}>
            <span class="bar-name" title={p.place}>{p.place === doc.place && <b class="bad">▲ </b>}{cut(p.place, 34)}</span>
            <span class="bar-value"><Num e={{ title: p.place, value: share(p.probability), n: doc.n, rule: doc.rule, answer,
                meaning: `Leads in ${share(p.leads)} of the draws, before the cap. What could be changed: ${p.lever}. Waiting ${lapse(p.wait_s)} an item.${p.people ? ` ${plain(p.people)} people.` : ''}`,
                interval: p.utilisation ? `used ${between(p.utilisation, share)}` : null }}>{share(p.probability)}</Num></span>
            <span class="bar-track" aria-hidden="true"><i class={p.place === doc.place ? 'bad' : ''} style={{ width: `${100 * p.probability}%` }} /></span>
            <span class="bar-note">{p.kind}; waiting {lapse(p.wait_s)} an item{p.utilisation ? `; used ${share(p.utilisation.value)}` : ''}</span>
        </li>)}</ul>}
        {rows.length > 8 && <p class="hint">{rows.length - 8} places more: press t for all</p>}
    </Card>;
}

function StagesOf(props: { doc: ConstraintDoc; answer: ReturnType<typeof useDoc<ConstraintDoc>>; map?: MapDoc }) {
    const { doc, answer } = props;
    const figure = (title: string, of: (s: Evidence) => number | null | undefined, text: (x: number | null | undefined) => string, meaning: string, more: Partial<Column<Evidence>> = {}, interval?: (s: Evidence) => string | null): Column<Evidence> => ({
        title, right: true, text: s => text(of(s)), raw: s => of(s) ?? '', ...more,
        explain: s => ({ title: s ? `${s.stage}: ${title}` : title, value: s ? text(of(s)) : undefined, meaning, n: doc.n, answer, rule: doc.rule, interval: s && interval ? interval(s) : undefined }) });
    const table: Table<Evidence> = { rows: doc.stages, id: s => s.stage, mark: s => s.stage === doc.stage, columns: [
        { title: 'stage', text: s => s.stage, raw: s => s.stage, key: true, cell: s => <button type="button" class="link" onClick={() => set({ at: s.stage })}>{s.stage === doc.stage && <b class="bad">▲ </b>}{cut(s.stage, 32)}</button> },
        figure('leads', s => s.probability, share, 'Probability that the stage\'s place holds everything back.', { key: true }),
        figure('of lead', s => s.share_of_lead, share, 'Share of all lead time that is spent in the stage.', { key: true }),
        figure('of waiting', s => s.wait_share, share, 'Share of all waiting that happens in the stage.', { key: true }),
        figure('used', s => s.utilisation?.value, share, 'Work as a share of the time that its people have; not known where the log does not tell starts and people.', {}, s => between(s.utilisation, share)),
        figure('in a day', s => s.arrivals_per_day, plain, 'Arrivals a day.'), figure('out a day', s => s.departures_per_day, plain, 'Departures a day.'),
        figure('grows a day', s => s.queue_slope_per_day?.value, plain, 'Change of what is in the stage, items a day.', {}, s => between(s.queue_slope_per_day, plain)),
        figure('WIP', s => s.wip, plain, 'Items in the stage, average over time.'),
        { title: 'batches', text: s => batchText(s), raw: s => batchText(s) },
    ] };
    return <Card title="Evidence for each stage" answer={answer} table={table} explain={{ rule: doc.rule, n: doc.n }}><DataTable table={table} caption="Evidence for each stage" /></Card>;
}
const batchText = (s: Evidence): string => !s.batch ? '–' : s.batch.kind === 'gate' ? `${plain(s.batch.size_p50)} every ${lapse(s.batch.period_s)}` : `timer of ${lapse(s.batch.length_s)}`;

function SpectrumCard(props: { doc: ConstraintDoc; map: MapDoc }) {
    const order = useMemo(() => stageOrder(props.map), [props.map]), wanted = useSignal(true), visits = useVisits(wanted.value);
    const all = order.filter(s => (props.map.stages.find(x => x.name === s)?.time?.sum ?? 0) > 0);
    const asked = get(place.value, 'stage'), stage = asked && all.includes(asked) ? asked : props.doc.stage ?? longest(props.doc), s = props.map.stages.find(x => x.name === stage);
    return <Card title="Performance spectrum" chart answer={visits} about="One line an item: it comes in above and leaves below. Lines that leave together are a batch; flat lines wait long; crossings overtake."
        explain={{ meaning: 'Every visit of the stage as a line from the instant it came to the instant it left. Positions are drawn from 32-bit floats, good for pixels.', n: s?.visits }}
        table={{ rows: s?.time ? [s] : [], columns: [{ title: 'stage', text: x => x.name, raw: x => x.name, key: true }, { title: 'visits', right: true, key: true, text: x => count(x.visits), raw: x => x.visits },
            { title: 'p50', right: true, key: true, text: x => lapse(x.time.p50), raw: x => x.time.p50 }, { title: 'p85', right: true, key: true, text: x => lapse(x.time.p85), raw: x => x.time.p85 }, { title: 'p95', right: true, text: x => lapse(x.time.p95), raw: x => x.time.p95 }] }}
        controls={<label class="pick"><span class="sr">Stage</span><select value={stage} onChange={e => set({ stage: e.currentTarget.value })}>{all.map(x => <option key={x} value={x}>{cut(x, 40)}</option>)}</select></label>}>
        <Shown answer={visits} what="the visits" empty={v => v.n === 0} draw={v => <Spectrum visits={v} stage={stage} label={s?.time ? `${count(s.visits)} stays in ${stage}; half took at most ${lapse(s.time.p50)}, 85 of 100 at most ${lapse(s.time.p85)}` : `Stays in ${stage}`} />} />
    </Card>;
}

function Queue(props: { flow: FlowDoc; answer: ReturnType<typeof useDoc<FlowDoc>>; stage: string; stages: string[] }) {
    const { flow, stage } = props, s = flow.stages.find(x => x.name === stage) ?? flow.stages[0];
    const times = useMemo(() => flow.times.map(t => Date.parse(t) / 1000), [flow]);
    void theme.value;
    if (!s) return null;
    return <Card title={`In ${s.name} over time`} chart answer={props.answer} explain={{ meaning: 'Items in the stage at each moment.', n: flow.items }}
        table={{ rows: flow.times.map((_, i) => i).reverse(), columns: [{ title: 'at', key: true, text: (i: number) => date(flow.times[i]!), raw: (i: number) => flow.times[i] }, { title: 'in it', right: true, key: true, text: (i: number) => count(s.wip[i]), raw: (i: number) => s.wip[i] }, { title: 'entered until then', right: true, text: (i: number) => count(s.entered[i]), raw: (i: number) => s.entered[i] }] }}>
        <SeriesChart key={s.name} times={times} series={[{ label: s.name, values: s.wip, colour: colour('accent'), fill: colour('accent') + '22', paths: 'stepped' }]} height={180} text={y => count(y)} ticks={countTicks} label={`${count(s.wip.at(-1))} items in ${s.name} at the end, ${count(Math.max(...s.wip))} at most`} />
    </Card>;
}
