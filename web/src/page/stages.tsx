// The table of stages, and the drawer of one: the same numbers on the flow map and on the constraint page.
import { useEffect, useRef } from 'preact/hooks';
import { useDoc, type Answer } from '../api.ts';
import type { ConstraintDoc, D, FlowDoc, ItemsDoc, MapDoc, Stage } from '../doc.ts';
import { count, cut, lapse, plain, share } from '../format.ts';
import { CopyLine } from '../part/copy.tsx';
import type { Explained } from '../part/num.tsx';
import { Num } from '../part/num.tsx';
import { StageBar } from '../part/stagebar.tsx';
import type { Column, Table } from '../part/table.tsx';
import { link } from '../url.ts';

const WAITS = new Set(['new', 'waiting', 'blocked', 'gate']);

function lapseColumn(title: string, of: (s: Stage) => number | null | undefined, meaning: string, answer: Answer<MapDoc>, n: (s: Stage) => number | null | undefined, more: Partial<Column<Stage>> = {}): Column<Stage> {
    return { title, right: true, text: s => lapse(of(s)), raw: s => of(s) ?? '', ...more,
        explain: s => ({ title: s ? `${s.name}: ${title}` : title, value: s ? lapse(of(s)) : undefined, meaning, n: s ? n(s) : undefined, answer }) };
}

export function stageTable(map: MapDoc, answer: Answer<MapDoc>, constraint: ConstraintDoc | undefined, order: string[], choose: (name: string) => void): Table<Stage> {
    const evidence = new Map(constraint?.stages.map(s => [s.stage, s])), most = Math.max(1, ...map.stages.map(s => s.time?.sum ?? 0));
    const rows = order.flatMap(name => map.stages.filter(s => s.name === name));
    const number = (title: string, of: (s: Stage) => number | null | undefined, text: (x: number | null | undefined) => string, meaning: string, more: Partial<Column<Stage>> = {}): Column<Stage> => ({
        title, right: true, text: s => text(of(s)), raw: s => of(s) ?? '', ...more,
        explain: s => ({ title: s ? `${s.name}: ${title}` : title, value: s ? text(of(s)) : undefined, meaning, n: s ? s.visits : undefined, answer }),
    });
    return {
        rows, id: s => s.name, mark: s => s.name === constraint?.stage,
        columns: [
            { title: 'stage', text: s => s.name, raw: s => s.name, key: true, cell: s => <button type="button" class="link" onClick={() => choose(s.name)} title={s.name}>{s.name === constraint?.stage && <b class="bad">▲ </b>}{cut(s.name, 32)}</button> },
            number('in it', s => s.wip_now, count, 'Items in the stage at the end of the log.', { key: true }),
            number('WIP', s => s.wip, plain, 'Items in the stage, average over time.'),
            lapseColumn('p50', s => s.time?.p50, 'Half of the stays that ended took no longer: from when a visit could begin to its end.', answer, s => s.time?.n, { key: true }),
            lapseColumn('p85', s => s.time?.p85, '85 of 100 stays that ended took no longer.', answer, s => s.time?.n, { key: true }),
            lapseColumn('p95', s => s.time?.p95, '95 of 100 stays that ended took no longer.', answer, s => s.time?.n),
            { title: 'wait ▒ work █', wide: true, text: s => s.wait ? `${lapse(s.wait.sum)} / ${lapse(s.work?.sum)}` : 'not divided', raw: s => `${s.wait?.sum ?? ''}/${s.work?.sum ?? ''}`,
                cell: s => <StageBar wait={s.wait?.sum ?? null} work={s.work?.sum ?? null} whole={s.time?.sum ?? 0} most={most} waits={WAITS.has(s.category)} /> },
            number('of lead', s => evidence.get(s.name)?.share_of_lead, share, 'Share of all lead time that is spent in the stage.', { key: true }),
            number('visits', s => s.visits, count, 'Stays of items in the stage.'),
            number('again', s => s.rework_visits, count, 'Stays that are not the item\'s first in this stage: rework.'),
        ],
    };
}

const distribution = (d: D | null): string => d ? `p50 ${lapse(d.p50)}, p85 ${lapse(d.p85)}, p95 ${lapse(d.p95)}` : 'not known';

export function StageDrawer(props: { name: string; map: Answer<MapDoc>; flow?: FlowDoc; constraint: Answer<ConstraintDoc>; close: () => void }) {
    const box = useRef<HTMLDivElement>(null);
    const s = props.map.doc?.stages.find(x => x.name === props.name), e = props.constraint.doc?.stages.find(x => x.stage === props.name);
    const age = props.flow?.stages.find(x => x.name === props.name)?.age ?? null;
    const items = useDoc<ItemsDoc>('items', [['stage', props.name], ['limit', '5']]);
    useEffect(() => { box.current?.querySelector<HTMLElement>('button')?.focus(); }, [props.name]);
    if (!s) return <aside class="side"><header><h2>{props.name}</h2><button type="button" class="quiet" aria-label="Close" onClick={props.close}>✕</button></header><p>The link names the stage {props.name}, which is not in this store.</p></aside>;
    const figure = (title: string, value: string, more: Partial<Explained>) => <div class="figure"><dt>{title}</dt><dd><Num e={{ title: `${s.name}: ${title}`, value, answer: props.map, n: s.visits, ...more }}>{value}</Num></dd></div>;
    return <aside class="side" ref={box} aria-label={`Stage ${s.name}`} onKeyDown={k => { if (k.key === 'Escape') props.close(); }}>
        <header><h2>{s.name}</h2><button type="button" class="quiet" aria-label="Close" onClick={props.close}>✕</button></header>
        <dl class="figures">
            {figure('in it now', count(s.wip_now), { meaning: 'Items in the stage at the end of the log.' })}
            {figure('average', plain(s.wip), { meaning: 'Items in the stage, average over time.' })}
            {figure('median stay', lapse(s.time?.p50), { meaning: `Of the stays that ended: ${distribution(s.time)}.`, n: s.time?.n })}
            {figure('85 % within', lapse(s.time?.p85), { meaning: `Of the stays that ended: ${distribution(s.time)}.`, n: s.time?.n })}
            {e && figure('of lead time', share(e.share_of_lead), { meaning: 'Share of all lead time that is spent in the stage.', answer: props.constraint, rule: props.constraint.doc?.rule, n: props.constraint.doc?.n })}
            {e && figure('arrivals a day', plain(e.arrivals_per_day), { meaning: 'Visits that begin, by the days of the log.', answer: props.constraint })}
            {e?.utilisation && figure('used', share(e.utilisation.value), { meaning: 'Work as a share of the time that its people have.', answer: props.constraint, interval: `${share(e.utilisation.low)} to ${share(e.utilisation.high)}` })}
            {figure('again', count(s.rework_visits), { meaning: 'Stays that are not the item\'s first here.' })}
        </dl>
        {age && <p class="small">Items that left were {lapse(age.p50)} old at the median, 85 % at most {lapse(age.p85)}.</p>}
        {e && e.evidence.length > 0 && <><h3>Evidence</h3><ul class="notes">{e.evidence.map(x => <li key={x}>{x}</li>)}</ul></>}
        <h3>Longest here</h3>
        {items.doc ? items.doc.items.length > 0 ? <ul class="plain list">{items.doc.items.map(i => <li key={i.id}><a href={link('items', i.id)}>{cut(i.title, 26)}</a><span>{lapse(i.age_s)}</span></li>)}</ul> : <p class="hint">No open item is here now.</p>
            : items.error ? <p class="hint">{items.error.detail}</p> : <p class="hint">Reading …</p>}
        <p><a href={link('items', '', { stage: s.name })}>All items in {s.name}</a></p>
        <CopyLine text={`weir items --stage "${s.name.replaceAll('"', '\\"')}"`} />
    </aside>;
}
