// The flow map: where work waits, which stage to look at first, whether work flows back.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useDoc, useVisits } from '../api.ts';
import { Cfd } from '../chart/cfd.tsx';
import { FlowMap, measureOf, pileUnit, Player, type Measure } from '../chart/flowmap.tsx';
import { stageOrder, thinned, usualStages } from '../chart/order.ts';
import type { ConstraintDoc, Edge, FlowDoc, MapDoc } from '../doc.ts';
import { count, lapse } from '../format.ts';
import { own } from '../keys.ts';
import { Card } from '../part/card.tsx';
import { explain } from '../part/num.tsx';
import { Shown } from '../part/state.tsx';
import { DataTable, type Table } from '../part/table.tsx';
import { Head } from '../part/verdict.tsx';
import { still } from '../theme.ts';
import { get, place, set } from '../url.ts';
import { narrow } from '../view.ts';
import { StageDrawer, stageTable } from './stages.tsx';

const MEASURES: [Measure, string][] = [['count', 'times'], ['p50', 'median time'], ['p85', 'p85 time'], ['sum', 'total time']];

export default function MapPage() {
    const answer = useDoc<MapDoc>('map'), constraint = useDoc<ConstraintDoc>('constraint'), flow = useDoc<FlowDoc>('flow');
    const wanted = useSignal(false), playing = useSignal(false), at = useSignal<number | null>(null), speed = useSignal(1);
    const visits = useVisits(wanted.value);
    const query = place.value, chosen = get(query, 'at') ?? null;
    const measure = (MEASURES.find(([m]) => m === get(query, 'measure'))?.[0] ?? 'count') as Measure;
    const choose = (stage: string | null): void => set({ at: stage === chosen ? undefined : stage ?? undefined });
    useEffect(() => {
        own.value = still.value ? [] : [{ key: 'p', text: 'play or pause the map', act: () => {
            wanted.value = true;
            if (!visits.doc) return; // it plays when they are there
            if (at.value === null) at.value = 0;
            playing.value = !playing.value;
        } }];
        return () => { own.value = []; };
    }, [visits.doc, still.value]);
    useEffect(() => { if (wanted.value && visits.doc && at.peek() === null && !still.value) { at.value = 0; playing.value = true; } }, [visits.doc]);
    const map = answer.doc, c = constraint.doc;
    const order = useMemo(() => map ? stageOrder(map) : [], [map]);
    const usual = useMemo(() => map ? usualStages(map, c?.stage ?? null) : 0, [map, c]);
    const activities = Number(get(query, 'activities')) || usual, paths = Number(get(query, 'paths')) || Math.max(6, Math.round(activities * 1.6));
    const shown = useMemo(() => map ? thinned(map, order, activities, paths) : { stages: [], edges: [] }, [map, order, activities, paths]);
    const edgeTable: Table<Edge> = {
        rows: map?.edges ?? [], id: e => `${e.from}\n${e.to}`,
        columns: [
            { title: 'from', text: e => e.from, raw: e => e.from, key: true }, { title: 'to', text: e => e.to, raw: e => e.to, key: true },
            ...([['count', 'times', 'How often one stage directly follows the other in an item.'], ['p50', 'p50', 'Median time from the end of the one to the start of the other.'], ['p85', 'p85', '85 of 100 took no longer.'], ['sum', 'total', 'What all items together spent between the two.']] as [Measure, string, string][])
                .map(([m, title, meaning]) => ({ title, right: true, key: m === 'count', text: (e: Edge) => m === 'count' ? count(e.count) : lapse(e.time?.[m]), raw: (e: Edge) => measureOf(e, m),
                    explain: (e: Edge | null) => ({ title: e ? `${e.from} → ${e.to}: ${title}` : title, meaning, n: e?.count, answer, value: e ? (m === 'count' ? count(e.count) : lapse(e.time?.[m])) : undefined }) })),
            { title: 'items', right: true, text: e => count(e.items), raw: e => e.items },
        ],
    };
    const slider = (key: 'activities' | 'paths', text: string, value: number, most: number) => <label class="slider"><span>{text}</span>
        <input type="range" min={1} max={Math.max(1, most)} value={Math.min(value, most)} aria-label={text} onInput={e => set({ [key]: e.currentTarget.value }, true)} /><output>{Math.min(value, most)} of {most}</output></label>;
    return <>
        <Head title="Flow map" answer={constraint} sentence={c?.reason} mark={c?.verdict === 'likely' || c?.verdict === 'constraint' ? 'bad' : undefined}
            sub={c && map && <p>{count(map.items)} items, {count(map.visits)} visits. {c.verdict === 'too_few' ? '' : c.throughput.sentence}</p>} next={c && (c.next.find(x => x !== 'weir map') ?? 'weir constraint --explain')} />
        <Shown answer={answer} what="the map" empty={m => m.items === 0} draw={m => <div class={'with-side' + (chosen ? ' open' : '')}>
            <div class="with-side-main">
                <Card title="Map" class="map-card" chart answer={answer} table={edgeTable} explain={{ n: m.items, meaning: 'Stages are the nodes; an edge counts how often one stage directly follows another in an item.' }}
                    about={`A square is ${pileUnit(m, flow.doc) === 1 ? 'one item' : `${count(pileUnit(m, flow.doc))} items`} in the stage; a broken line goes back`}
                    controls={<div class="segments" role="group" aria-label="What the edges show">{MEASURES.map(([k, text]) => <button type="button" key={k} aria-pressed={measure === k} onClick={() => set({ measure: k === 'count' ? undefined : k })}>{text}</button>)}</div>}>
                    <FlowMap map={m} flow={flow.doc} visits={visits.doc} stages={shown.stages} edges={shown.edges} constraint={c?.stage ?? null} measure={measure}
                        narrow={narrow.value} chosen={chosen} choose={choose} playing={playing} at={at} speed={speed}
                        chooseEdge={e => explain({ title: `${e.from} → ${e.to}`, value: `${count(e.count)} times, in ${count(e.items)} items`, n: e.count, answer,
                            meaning: e.time && e.time.sum > 0 ? `Between the two: p50 ${lapse(e.time.p50)}, p85 ${lapse(e.time.p85)}, all together ${lapse(e.time.sum)}.` : 'Between the two no time passes: the log tells when an item changes its stage.' })} />
                    <div class="map-foot">
                        <Player visits={visits.doc} playing={playing} at={at} speed={speed} loading={visits.loading && wanted.value && !visits.doc} start={() => { wanted.value = true; }} />
                        {order.length > 4 && slider('activities', 'Stages', activities, order.length)}
                        {m.edges.length > 6 && slider('paths', 'Paths', paths, m.edges.length)}
                    </div>
                    {visits.error && <p class="hint">The visits cannot be played: {visits.error.detail}</p>}
                    <ul class="legend marks"><li><b>2.0d · 9.5d</b>: median stay · 85 % within</li><li><i class="mark-wait" />waiting</li><li><i class="mark-work" />work</li><li><i class="mark-both" />the log does not divide them</li>{c?.stage && <li><b class="bad">▲</b> constraint</li>}</ul>
                </Card>
                <Shown answer={flow} what="the cumulative flow" draw={f => <Cfd flow={f} answer={flow} order={order} />} />
                <Card title="Stages" answer={answer} table={stageTable(m, answer, c, order, choose)} explain={{ n: m.visits }}>
                    <DataTable table={stageTable(m, answer, c, order, choose)} caption="Stages" />
                </Card>
                <Card title="Ways" answer={answer} about={`${count(m.variants.count)} ways that items take; the most frequent`} explain={{ n: m.items }} table={{
                    rows: m.variants.top, columns: [{ title: 'items', right: true, text: v => count(v.items), raw: v => v.items, key: true }, { title: 'way', text: v => v.path.join(' → '), raw: v => v.path.join(' → '), key: true }] }}>
                    <ol class="ways">{m.variants.top.slice(0, 6).map(v => <li key={v.id}><span class="way-n">{count(v.items)}</span><span class="way-bar" aria-hidden="true"><i style={{ width: `${100 * v.items / (m.variants.top[0]?.items ?? 1)}%` }} /></span><span class="way">{v.path.join(' → ')}</span></li>)}</ol>
                </Card>
            </div>
            {chosen && <StageDrawer name={chosen} map={answer} flow={flow.doc} constraint={constraint} close={() => choose(null)} />}
        </div>} />
    </>;
}
