// Work items: what is open too long, what took long, sorted by the program over the whole range.
import { useMemo } from 'preact/hooks';
import { useDoc } from '../api.ts';
import { Scatter, type Dot, type Line } from '../chart/scatter.tsx';
import { stageOrder } from '../chart/order.ts';
import type { FlowDoc, Item, ItemsDoc, MapDoc } from '../doc.ts';
import { count, cut, date, lapse, minute, share, utc } from '../format.ts';
import { Card } from '../part/card.tsx';
import { Shown } from '../part/state.tsx';
import { DataTable, type Column, type Table } from '../part/table.tsx';
import { Head } from '../part/verdict.tsx';
import { timeTicks } from '../ticks.ts';
import { get, go, link, place, scopeOf, set } from '../url.ts';

const SAMPLE = '3000', STEPS = ['100', '1000']; // the server gives at most so many at a time

export default function Items() {
    const query = place.value, finished = get(query, 'show') === 'finished', stage = get(query, 'stage'), limit = get(query, 'limit') ?? STEPS[0]!;
    const ask: [string, string][] = stage ? [['stage', stage], ['limit', limit]] : [[finished ? 'slow' : 'aging', ''], ['limit', limit]];
    const answer = useDoc<ItemsDoc>('items', ask);
    const open = (id: string): void => go({ page: 'items', arg: id, query: scopeOf(query.query) });
    const first = answer.doc?.items[0];
    return <>
        <Head title="Work items" answer={answer} next={first && `weir item ${/^[\w./-]+$/.test(first.id) ? first.id : `'${first.id}'`}`} />
        <div class="tools">
            <div class="segments" role="group" aria-label="Which items"><button type="button" aria-pressed={!finished || !!stage} onClick={() => set({ show: undefined })}>Open, oldest first</button>
                <button type="button" aria-pressed={finished && !stage} onClick={() => set({ show: 'finished', stage: undefined })}>Finished, longest first</button></div>
            {stage && <button type="button" onClick={() => set({ stage: undefined })}>in {stage} ✕</button>}
        </div>
        {finished && !stage ? <Finished open={open} /> : <Ageing stage={stage} open={open} />}
        <Shown answer={answer} what="the items" draw={d => d.total === 0
            ? <div class="state empty" data-state="empty"><h2>No such item</h2><p>{stage ? `Nothing is in ${stage} at the end of the range.` : finished ? 'No item finished in this range.' : 'Every item of this range is finished.'}</p>
                {!finished && !stage && <p><a href={link('items', '', { show: 'finished' })}>Finished items</a></p>}{stage && <p><a href={link('items')}>All open items</a></p>}</div>
            : <Card title="List" answer={answer} table={table(d, answer)} about={`${count(Math.min(d.items.length, d.total))} of ${count(d.total)}, compared with ${count(d.finished)} finished items`} explain={{ n: d.total }}
                controls={d.items.length < d.total ? <>{STEPS.filter(s => Number(s) > d.items.length).map(s => <button type="button" key={s} onClick={() => set({ limit: s })}>First {count(Number(s))}</button>)}</> : undefined}>
                <DataTable table={table(d, answer)} caption="Items" />
                {d.items.length >= 1000 && d.items.length < d.total && <p class="hint">All of them: <code>{answer.cli.replace(/--limit \d+/, '--limit 0')}</code></p>}
            </Card>} />
    </>;
}

function table(d: ItemsDoc, answer: ReturnType<typeof useDoc<ItemsDoc>>): Table<Item> {
    return { rows: d.items, id: i => i.type + i.id, columns: [
        { title: 'item', text: i => i.title, raw: i => i.id, key: true, cell: i => <a class="item-link" href={link('items', i.id, d.kind ? {} : {})} title={i.id}>{cut(i.title, 34)}</a> },
        { title: 'stage', text: i => i.stage, raw: i => i.stage, key: true },
        { title: 'state', text: i => i.state, raw: i => i.state },
        { title: 'begun', text: i => date(i.created), raw: i => i.created, cell: i => <span title={utc(i.created)}>{date(i.created)}{i.left_censored ? ' or before' : ''}</span> },
        { title: 'finished', text: i => date(i.finished), raw: i => i.finished ?? '' },
        { title: d.items[0]?.state === 'open' ? 'age' : 'lead time', right: true, key: true, text: i => lapse(i.age_s ?? i.lead_s), raw: i => i.age_s ?? i.lead_s,
            explain: i => ({ title: i ? `${i.title}: ${i.age_s != null ? 'age' : 'lead time'}` : 'Age or lead time', value: i ? lapse(i.age_s ?? i.lead_s) : undefined, answer, meaning: 'From the item\'s first event (or its creation) to when it was done, or to the end of the log while it is open.' }) },
        ...(d.items.some(i => i.age_percentile != null) ? [{ title: 'older than', right: true, text: (i: Item) => i.age_percentile == null ? '–' : share(i.age_percentile), raw: (i: Item) => i.age_percentile ?? '',
            explain: (i: Item | null) => ({ title: i ? `${i.title}: older than` : 'Older than', value: i ? share(i.age_percentile) : undefined, n: d.finished, answer, meaning: 'Share of the finished items that took no longer than this one is old.' }) } satisfies Column<Item>] : []),
        { title: 'visits', right: true, text: i => count(i.visits), raw: i => i.visits }, { title: 'again', right: true, text: i => count(i.rework_visits), raw: i => i.rework_visits },
    ] };
}

function Ageing(props: { stage?: string; open: (id: string) => void }) {
    const answer = useDoc<ItemsDoc>('items', [['aging', ''], ['sample', SAMPLE]]), flow = useDoc<FlowDoc>('flow'), map = useDoc<MapDoc>('map');
    const order = useMemo(() => map.doc ? stageOrder(map.doc) : [], [map.doc]);
    const made = useMemo(() => {
        const items = answer.doc?.items ?? [], used = new Set(items.map(i => i.stage)), stages = order.filter(s => used.has(s));
        const dots: Dot[] = items.map(i => {
            // the same item stands at the same place within its column
            let h = 2166136261; // FNV-1a, then mixed: keys that differ by one lie apart
            for (const c of i.id) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
            h = Math.imul(h ^ h >>> 15, 2246822519);
            h = (h ^ h >>> 13) >>> 0;
            return { id: i.id, x: stages.indexOf(i.stage) + .15 + .7 * (h % 997) / 997, y: i.age_s ?? 0, mark: (i.age_percentile ?? 0) >= .95, colour: (i.age_percentile ?? 0) >= .85 ? 'bad' : 'accent',
                text: `${cut(i.title, 28)}: ${lapse(i.age_s)} old, ${i.stage}; older than ${share(i.age_percentile)}` };
        });
        const columns = stages.map((s, i) => { const age = flow.doc?.stages.find(x => x.name === s)?.age; return { from: i, to: i + 1, marks: age && age.n >= 10 ? [age.p50, age.p85, age.p95] : [] }; });
        return { dots, columns, stages };
    }, [answer.doc, flow.doc, order]);
    const d = answer.doc;
    if (d && d.total === 0) return null;
    const old = d?.items.filter(i => (i.age_percentile ?? 0) >= .85).length ?? 0;
    return <Card title="Ageing work in progress" chart answer={answer} about="Each dot is an open item. Bands: how old items were when they left the stage (p50, p85, p95). ▲ older than 95 of 100 ever became."
        explain={{ n: d?.total, meaning: 'Age of every open item by the stage that it is in, beside the ages at which finished ones left that stage.' }} table={d && table(d, answer)}>
        <Shown answer={answer} what="the open items" draw={x => <>
            <Scatter dots={made.dots} lines={[]} columns={made.columns} low={0} high={Math.max(1, made.stages.length)} open={props.open}
                ticks={w => made.stages.map((s, i) => ({ x: i + .5, text: cut(s, Math.max(4, Math.floor(w / made.stages.length / 8))) }))}
                label={`${count(x.total)} open items; ${count(old)} of the ${count(x.items.length)} shown are older than 85 of 100 finished items took`} />
            {x.items.length < x.total && <p class="hint">{count(x.items.length)} of {count(x.total)} open items are shown, evenly taken.</p>}</>} />
    </Card>;
}

function Finished(props: { open: (id: string) => void }) {
    const answer = useDoc<ItemsDoc>('items', [['slow', ''], ['sample', SAMPLE]]), flow = useDoc<FlowDoc>('flow');
    const time = flow.doc?.lead;
    const made = useMemo(() => {
        const items = (answer.doc?.items ?? []).filter(i => i.finished && i.lead_s != null);
        const dots: Dot[] = items.map(i => ({ id: i.id, x: Date.parse(i.finished!) / 1000, y: i.lead_s!, colour: i.state === 'cancelled' ? 'ink3' : 'accent', text: `${cut(i.title, 28)}: ${lapse(i.lead_s)}, ${i.state} ${date(i.finished)}` }));
        const low = dots.reduce((a, d) => Math.min(a, d.x), Infinity), high = dots.reduce((a, d) => Math.max(a, d.x), -Infinity);
        return { dots, low: isFinite(low) ? low : 0, high: high > low ? high : low + 1 };
    }, [answer.doc]);
    const lines: Line[] = useMemo(() => time ? ([['p50', time.p50], ['p85', time.p85], ['p95', time.p95]] as [string, number][]).map(([t, y]) => ({ y, text: `${t} ${lapse(y)}` })) : [], [time]);
    if (answer.doc && answer.doc.total === 0) return null;
    return <Card title="Lead times" chart answer={answer} about="Each dot is a finished item: when it finished, how long it took; grey: cancelled. The lines are those of all finished items." table={answer.doc && table(answer.doc, answer)}
        explain={{ n: time?.n ?? answer.doc?.finished, meaning: 'Lead time of every finished item by when it finished.' }}>
        <Shown answer={answer} what="the finished items" draw={x => <>
            <Scatter dots={made.dots} lines={lines} low={made.low} high={made.high} open={props.open} ticks={w => timeTicks(made.low, made.high, Math.max(2, w / 110)).map(t => ({ x: t.t, text: t.text }))}
                label={time ? `Half of ${count(time.n)} finished items took at most ${lapse(time.p50)}, 85 of 100 at most ${lapse(time.p85)}` : `${count(x.total)} finished items`} />
            {x.items.length < x.total && <p class="hint">{count(x.items.length)} of {count(x.total)} are shown, evenly taken. <span title="instant">Until {minute(x.range?.to)}.</span></p>}</>} />
    </Card>;
}
