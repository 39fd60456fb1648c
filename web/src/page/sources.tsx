// Sources and health: can the numbers be trusted, which feed is late, what was not understood?
import { useDoc } from '../api.ts';
import type { DoctorDoc, RejectsDoc, StatusDoc } from '../doc.ts';
import { bytes, count, cut, lapse, minute, share, utc } from '../format.ts';
import { Card } from '../part/card.tsx';
import { CopyLine } from '../part/copy.tsx';
import { Num } from '../part/num.tsx';
import { Empty, Shown } from '../part/state.tsx';
import { DataTable, type Table } from '../part/table.tsx';
import { Head } from '../part/verdict.tsx';
import { get, place, set } from '../url.ts';

type Check = DoctorDoc['checks'][number];
const MARK = { problem: '✕', note: '!', ok: '✓' } as const, ORDER = { problem: 0, note: 1, ok: 2 } as const;

export default function Sources() {
    const answer = useDoc<StatusDoc>('status', [], true), doctor = useDoc<DoctorDoc>('doctor', [], true), d = answer.doc;
    const rejects = useDoc<RejectsDoc>(d && d.rejects > 0 ? 'status' : null, [['rejects', '']], true);
    const all = get(place.value, 'checks') === 'all';
    const bad = doctor.doc?.checks.find(c => c.state === 'problem') ?? doctor.doc?.checks.find(c => c.state === 'note' && c.fix);
    return <>
        <Head title="Sources" answer={answer} mark={doctor.doc && doctor.doc.problems > 0 ? 'bad' : undefined} next={bad?.fix?.startsWith('weir ') ? bad.fix : d?.rejects ? 'weir status --rejects' : 'weir doctor'} />
        <Shown answer={answer} what="the sources" draw={s => <>
            {s.events === 0 && <Empty reason="The store holds no events yet. Bring some in:" command="weir import FILE" />}
            <section class="card" aria-label="The store"><dl class="figures wide">
                {([['events', s.events, 'Facts that were brought in.'], ['items', s.items, 'Items that the events speak of.'], ['links', s.links, 'Links between items.'], ['rejects', s.rejects, 'Records that could not be understood. They are kept, with their place and reason.']] as const).map(([k, n, meaning]) =>
                    <div class="figure" key={k}><dt>{k}</dt><dd><Num e={{ title: k, value: count(n), meaning, answer }}>{count(n)}</Num></dd></div>)}
                <div class="figure"><dt>on disk</dt><dd>{bytes(s.bytes)}</dd></div>
                <div class="figure"><dt>last event</dt><dd title={utc(s.range.to)}>{s.lag_s != null ? `${lapse(s.lag_s)} ago` : '–'}</dd></div>
            </dl><p class="small sub path">{s.store}</p></section>
            <Card title="Sources" answer={answer} table={sources(s)}><DataTable table={sources(s)} caption="Sources" /></Card>
            <Shown answer={doctor} what="the checks" draw={x => {
                const shown = [...x.checks].filter(c => all || c.state !== 'ok').sort((a, b) => ORDER[a.state] - ORDER[b.state]);
                return <Card title="How far the data can be trusted" answer={doctor} about={`${count(x.checks.length)} checks, ${count(x.problems)} problems`} explain={{ meaning: 'What weir doctor checks.' }}
                    table={{ rows: x.checks, columns: [{ title: 'check', text: c => c.check, raw: c => c.check, key: true }, { title: 'state', text: c => c.state, raw: c => c.state, key: true }, { title: 'sentence', text: c => c.sentence, raw: c => c.sentence, key: true }, { title: 'fix', text: c => c.fix ?? '', raw: c => c.fix ?? '' }] }}
                    controls={<button type="button" aria-pressed={all} onClick={() => set({ checks: all ? undefined : 'all' })}>{all ? 'Only what matters' : `All ${count(x.checks.length)}`}</button>}>
                    {shown.length === 0 ? <p>Nothing to mend.</p> : <ul class="checks">{shown.map(c => <CheckRow key={c.check} c={c} />)}</ul>}
                </Card>;
            }} />
            {s.rejects > 0 && <Shown answer={rejects} what="what was not understood" draw={r => <Card title="Not understood" answer={rejects} about={r.rejects.length < r.count ? `The first ${count(r.rejects.length)} of ${count(r.count)}` : undefined} table={rejectTable(r)}><DataTable table={rejectTable(r)} caption="Rejected records" /></Card>} />}
            <Card title="Items by kind" answer={answer} table={kinds(s)}><DataTable table={kinds(s)} caption="Items by kind" /></Card>
        </>} />
    </>;
}

function CheckRow(props: { c: Check }) {
    const { c } = props;
    return <li class={c.state}><span class="check-mark" role="img" aria-label={c.state}>{MARK[c.state]}</span><div><p>{c.sentence}{c.share != null && c.state !== 'ok' ? <span class="part"> {share(c.share)}</span> : null}</p>
        {c.fix && (c.fix.startsWith('weir ') ? <CopyLine text={c.fix} /> : <p class="small sub">{c.fix}</p>)}</div><code class="check-name">{c.check}</code></li>;
}

const sources = (s: StatusDoc): Table<StatusDoc['sources'][number]> => ({ rows: s.sources, columns: [
    { title: 'source', key: true, text: x => x.name, raw: x => x.name, cell: x => <span title={x.path}>{x.name}</span> }, { title: 'state', key: true, text: x => x.state, raw: x => x.state, cell: x => <span class={'chip ' + x.state}>{x.state === 'ok' ? '✓' : '✕'} {x.state}</span> },
    { title: 'format', text: x => x.format, raw: x => x.format }, { title: 'events', right: true, key: true, text: x => count(x.events), raw: x => x.events }, { title: 'rejected', right: true, text: x => count(x.rejected), raw: x => x.rejected },
    { title: 'last event', text: x => minute(x.range.to), raw: x => x.range.to ?? '', cell: x => <span title={utc(x.range.to)}>{minute(x.range.to)}</span> }, { title: 'lag', right: true, key: true, text: x => lapse(x.lag_s), raw: x => x.lag_s ?? '' },
    { title: 'imported', text: x => minute(x.imported), raw: x => x.imported }, { title: 'path', text: x => cut(x.path, 40), raw: x => x.path, cell: x => <span title={x.path}>{cut(x.path, 40)}</span> }] });
const kinds = (s: StatusDoc): Table<StatusDoc['kinds'][number]> => ({ rows: s.kinds, columns: [{ title: 'kind', key: true, text: x => x.kind, raw: x => x.kind }, { title: 'items', right: true, key: true, text: x => count(x.items), raw: x => x.items }, { title: 'events', right: true, key: true, text: x => count(x.events), raw: x => x.events }] });
const rejectTable = (r: RejectsDoc): Table<RejectsDoc['rejects'][number]> => ({ rows: r.rejects, columns: [
    { title: 'place', key: true, text: x => `${x.source}${x.line != null ? ` line ${x.line}` : ''}${x.column ? `, ${x.column}` : ''}`, raw: x => x.source, cell: x => <span title={x.source}>{cut(x.source.split('/').at(-1) ?? '', 28)}{x.line != null ? ` line ${x.line}` : ''}{x.column ? `, ${x.column}` : ''}</span> },
    { title: 'reason', key: true, text: x => x.reason, raw: x => x.reason }, { title: 'record', text: x => cut(x.raw, 60), raw: x => x.raw, cell: x => <code title={x.raw}>{cut(x.raw, 60)}</code> }] });
