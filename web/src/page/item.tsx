// One item as a waterfall: every stay as a span, waiting hatched, and how long others stayed there.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useDoc, type Answer } from '../api.ts';
import type { ItemDoc, ItemsDoc, Span } from '../doc.ts';
import { count, cut, lapse, minute, share, utc } from '../format.ts';
import { own } from '../keys.ts';
import { Card } from '../part/card.tsx';
import { Num } from '../part/num.tsx';
import { Shown } from '../part/state.tsx';
import { Head } from '../part/verdict.tsx';
import type { Table } from '../part/table.tsx';
import { timeTicks } from '../ticks.ts';
import { go, link, place, scopeOf } from '../url.ts';
import { narrow } from '../view.ts';

const length = (s: Span): number => (Date.parse(s.end) - Date.parse(s.begin)) / 1000;

export default function ItemPage() {
    const id = place.value.arg, answer = useDoc<ItemDoc>(`item/${encodeURIComponent(id)}`);
    const list = useDoc<ItemsDoc>('items', [['aging', ''], ['limit', '100']]);
    const step = (by: number): void => {
        const items = list.doc?.items ?? [], at = items.findIndex(i => i.id === id), next = items[at < 0 ? 0 : at + by];
        if (next) go({ page: 'items', arg: next.id, query: scopeOf(place.value.query) });
    };
    useEffect(() => { own.value = [{ key: '[', text: 'previous item', act: () => step(-1) }, { key: ']', text: 'next item', act: () => step(1) }, { key: 'n', text: 'longest wait', act: () => document.dispatchEvent(new Event('weir-gap')) }]; return () => { own.value = []; }; }, [list.doc, id]);
    return <>
        <Head title={`Item ${answer.doc?.title ?? id}`} answer={answer} next={answer.doc?.critical_path[0]?.stage ? `weir items --stage "${answer.doc.critical_path[0].stage}"` : 'weir items --aging'} />
        <p class="crumbs"><a href={link('items')}>Work items</a></p>
        <Shown answer={answer} what={`item ${id}`} draw={d => <>
            <section class="card" aria-label="Figures"><dl class="figures wide">
                <Figure answer={answer} title={d.finished ? 'lead time' : 'open for'} value={d.lead_s} meaning="From its first event to when it was done, or to the end of the log." />
                <Figure answer={answer} title="waiting" value={d.wait_s} meaning="Time that no working span covers, in a stage or between stages." of={d.lead_s} />
                <Figure answer={answer} title="work" value={d.work_s} meaning="Time in stages that are active; where the log has one stamp a status, work and waiting in it cannot be told apart." of={d.lead_s} />
                <Figure answer={answer} title="blocked" value={d.blocked_s} meaning="Time in blocked stages." of={d.lead_s} />
                <Figure answer={answer} title="between stages" value={d.between_s} meaning="Waiting in no stage; it is part of the waiting." of={d.lead_s} />
                <div class="figure"><dt>begun</dt><dd title={utc(d.created)}>{minute(d.created)}</dd></div>
                <div class="figure"><dt>{d.state === 'open' ? 'state' : d.state}</dt><dd title={utc(d.finished)}>{d.finished ? minute(d.finished) : 'open'}</dd></div>
            </dl></section>
            <Waterfall doc={d} answer={answer} />
            <div class="cards two">
                <Card title="Where the time went" answer={answer} explain={{ meaning: 'The parts sum to the lead time exactly.' }} table={{ rows: d.critical_path, columns: [{ title: 'stage', text: p => p.stage ?? 'between', raw: p => p.stage, key: true }, { title: 'time', right: true, key: true, text: p => lapse(p.self_s), raw: p => p.self_s }, { title: 'share', right: true, key: true, text: p => share(p.share), raw: p => p.share }] }}>
                    <ul class="bars">{d.critical_path.filter(p => p.self_s > 0).map(p => <li key={p.stage ?? ''}><span class="bar-name">{p.stage ?? 'between stages'}</span><span class="bar-value">{lapse(p.self_s)} · {share(p.share)}</span><span class="bar-track" aria-hidden="true"><i style={{ width: `${100 * p.share}%` }} /></span></li>)}</ul>
                </Card>
                <Card title="Links" answer={answer} about={d.links.length === 0 ? undefined : `${count(d.links.length)} items that belong to it`}>
                    {d.links.length === 0 ? <p class="hint">No other item is linked to this one. Links come from keys in branch names and commit messages: see Sources.</p>
                        : <ul class="plain list">{d.links.slice(0, 40).map(l => <li key={l.type + l.id + l.kind}><a href={link('items', l.id, { where: `type=${l.type}` })}>{cut(l.id, 32)}</a><span class="small">{l.type}, {l.kind}{l.confidence < 1 ? `, ${share(l.confidence)}` : ''}</span></li>)}</ul>}
                    {d.links.length > 40 && <p class="hint">{count(d.links.length - 40)} more in the document.</p>}
                </Card>
            </div>
        </>} />
    </>;
}

function Figure(props: { answer: Answer<ItemDoc>; title: string; value: number; meaning: string; of?: number }) {
    const { title, value, answer, of } = props;
    return <div class="figure"><dt>{title}</dt><dd><Num e={{ title, value: lapse(value), meaning: props.meaning, answer }}>{lapse(value)}</Num>{of ? <span class="part"> {share(value / of)}</span> : null}</dd></div>;
}

const ROW = 28, MARGIN = 10;

function Waterfall(props: { doc: ItemDoc; answer: Answer<ItemDoc> }) {
    const { doc } = props, spans = doc.spans, box = useRef<HTMLDivElement>(null);
    const begin = Date.parse(spans[0]?.begin ?? doc.created) / 1000, whole = Math.max(1e-6, (spans.length > 0 ? Date.parse(spans.at(-1)!.end) / 1000 : begin) - begin);
    const [view, setView] = useState<[number, number]>([0, whole]), [chosen, choose] = useState<number | null>(null), [least, setLeast] = useState(0), [top, setTop] = useState(0);
    const rows = useMemo(() => spans.map((s, i) => ({ s, i, from: Date.parse(s.begin) / 1000 - begin, to: Date.parse(s.end) / 1000 - begin })).filter(r => (r.to - r.from) / whole * 100 >= least), [doc, least]);
    useEffect(() => {
        const gap = (): void => {
            const waits = rows.filter(r => r.s.state === 'wait' || r.s.undivided).sort((a, b) => b.to - b.from - (a.to - a.from)), at = waits.findIndex(r => r.i === chosen), next = waits[(at + 1) % waits.length];
            if (next) { choose(next.i); if (box.current) box.current.scrollTop = rows.indexOf(next) * ROW - 60; }
        };
        document.addEventListener('weir-gap', gap);
        return () => document.removeEventListener('weir-gap', gap);
    }, [rows, chosen]);
    const height = Math.min(rows.length * ROW, 520), first = Math.max(0, Math.floor(top / ROW) - MARGIN), last = Math.min(rows.length, Math.ceil((top + height) / ROW) + MARGIN);
    const left = (t: number): number => 100 * (t - view[0]) / (view[1] - view[0]);
    const zoom = (factor: number, shift = 0): void => {
        const span = Math.min(whole, (view[1] - view[0]) * factor), low = Math.max(0, Math.min(whole - span, (view[0] + view[1]) / 2 + shift * (view[1] - view[0]) - span / 2));
        setView([low, low + span]);
    };
    const keys = (e: KeyboardEvent): void => {
        const act: Record<string, () => void> = { w: () => zoom(.6), s: () => zoom(1 / .6), a: () => zoom(1, -.2), d: () => zoom(1, .2), f: () => { const r = rows.find(x => x.i === chosen); setView(r ? [r.from, Math.max(r.to, r.from + whole / 5000)] : [0, whole]); }, Escape: () => { setView([0, whole]); choose(null); } };
        if (act[e.key] && !e.ctrlKey && !e.metaKey) { act[e.key]!(); e.preventDefault(); e.stopPropagation(); }
    };
    const table: Table<Span> = { rows: spans, id: s => s.id, columns: [
        { title: 'stage', text: s => s.stage ?? 'between stages', raw: s => s.stage, key: true }, { title: 'begin', text: s => minute(s.begin), raw: s => s.begin }, { title: 'end', text: s => minute(s.end), raw: s => s.end },
        { title: 'length', right: true, key: true, text: s => lapse(length(s)), raw: length }, { title: 'state', key: true, text: s => s.undivided ? `${s.state}, not divided` : s.state, raw: s => s.state },
        { title: 'longer than', right: true, text: s => share(s.percentile), raw: s => s.percentile ?? '' }, { title: 'team', text: s => s.team ?? '–', raw: s => s.team ?? '' }] };
    const span = chosen === null ? undefined : spans[chosen];
    return <Card title="Waterfall" chart answer={props.answer} table={table} about="Every instant of the item's life. Hatched: waiting. The figure at the right: longer than so many stays in that stage."
        explain={{ meaning: 'Stays follow each other without gaps and sum to the lead time.', n: spans.length }}
        controls={<>{spans.length > 12 && <label class="slider"><span>Hide below</span><select value={String(least)} onChange={e => setLeast(Number(e.currentTarget.value))}>{[0, .1, 1, 5].map(x => <option key={x} value={String(x)}>{x === 0 ? 'nothing' : `${x} %`}</option>)}</select></label>}
            <button type="button" class="small" onClick={() => zoom(.5)} aria-label="Zoom in">+</button><button type="button" class="small" onClick={() => zoom(2)} aria-label="Zoom out">−</button><button type="button" class="small" onClick={() => setView([0, whole])}>All</button></>}>
        <div class="waterfall" role="group" aria-label="Waterfall; W A S D zoom and move, F fits the chosen span, n goes to the longest wait" tabIndex={0} onKeyDown={keys}>
            <div class="axis wf-axis" aria-hidden="true">{timeTicks(begin + view[0], begin + view[1], narrow.value ? 2 : 6).map(t => <span key={t.t} style={{ left: left(t.t - begin) + '%' }}>{t.text}</span>)}</div>
            <div class="wf-rows" ref={box} style={{ maxHeight: height + 'px' }} onScroll={e => setTop(e.currentTarget.scrollTop)} tabIndex={rows.length * ROW > height ? 0 : -1}>
                <ul class="plain" style={{ height: rows.length * ROW + 'px' }} aria-label="Spans">{rows.slice(first, last).map((r, k) => {
                    const a = Math.max(0, left(r.from)), b = Math.min(100, left(r.to));
                    return <li key={r.i} style={{ top: (first + k) * ROW + 'px' }} class={chosen === r.i ? 'chosen' : undefined} aria-setsize={rows.length} aria-posinset={first + k + 1}>
                        <button type="button" class="wf-name" aria-pressed={chosen === r.i} onClick={() => choose(chosen === r.i ? null : r.i)} title={r.s.stage ?? 'between stages'}
                            aria-label={`${r.s.stage ?? 'between stages'}, ${r.s.undivided ? 'work and waiting not divided' : r.s.state}, ${lapse(r.to - r.from)}`}>{cut(r.s.stage ?? 'between stages', 22)}</button>
                        <span class="wf-track">{b > a || r.to >= view[0] && r.from <= view[1] ? <i class={r.s.undivided && r.s.state !== 'wait' ? 'both' : r.s.state} style={{ left: a + '%', width: Math.max(.15, b - a) + '%' }} /> : null}</span>
                        <span class="wf-length">{lapse(r.to - r.from)}</span><span class="wf-share" title="longer than so many stays in this stage">{r.s.percentile == null ? '' : share(r.s.percentile)}</span>
                    </li>;
                })}</ul>
            </div>
            {rows.length < spans.length && <p class="hint">{count(spans.length - rows.length)} shorter spans are hidden.</p>}
        </div>
        {span && <dl class="facts chosen-span" aria-live="polite"><dt>Stage</dt><dd>{span.stage ?? 'between stages'}</dd><dt>From, to</dt><dd title={`${utc(span.begin)} – ${utc(span.end)}`}>{minute(span.begin)} – {minute(span.end)}</dd>
            <dt>Length</dt><dd>{lapse(length(span))}{span.percentile != null && `, longer than ${share(span.percentile)} of the stays there`}</dd><dt>State</dt><dd>{span.undivided ? `${span.state}; work and waiting inside it cannot be told apart` : span.state}</dd>{span.team && <><dt>Team</dt><dd>{span.team}</dd></>}</dl>}
        <ul class="legend marks"><li><i class="mark-wait" />waiting</li><li><i class="mark-work" />work</li><li><i class="mark-undivided" />work, or waiting that cannot be told from it</li><li><i class="mark-blocked" />blocked</li><li><i class="mark-rework" />again</li></ul>
    </Card>;
}
