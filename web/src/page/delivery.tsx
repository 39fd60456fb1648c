// Delivery: are we getting better? Every metric with its rule, interval, n, coverage and what was left out. No tiers, no
// ranking of teams.
import { useDoc, type Answer } from '../api.ts';
import { Sparkline } from '../chart/spark.tsx';
import type { ConstraintDoc, MapDoc, Metric, MetricsDoc } from '../doc.ts';
import { count, date, lapse, measure, share } from '../format.ts';
import { Card } from '../part/card.tsx';
import { Num } from '../part/num.tsx';
import { Shown } from '../part/state.tsx';
import { StageBar } from '../part/stagebar.tsx';
import { Head } from '../part/verdict.tsx';
import { get, place, set } from '../url.ts';

const TITLES: Record<string, string> = {
    deployment_frequency: 'Deployment frequency', lead_time_for_changes: 'Lead time for changes', change_fail_rate: 'Change fail rate',
    failed_deployment_recovery_time: 'Failed deployment recovery time', deployment_rework_rate: 'Deployment rework rate',
    velocity: 'Flow velocity', time: 'Flow time', efficiency: 'Flow efficiency', load: 'Flow load', distribution: 'Flow distribution',
    time_to_feedback: 'Time to feedback', time_to_learning: 'Time to learning',
};
const MEANING: Record<string, string> = {
    deployment_frequency: 'How often something reaches production', lead_time_for_changes: 'From commit to production, median', change_fail_rate: 'Deployments that failed',
    failed_deployment_recovery_time: 'From a failed deployment to its repair, median', deployment_rework_rate: 'Deployments nobody had planned',
    velocity: 'Items done', time: 'From begin to done, median', efficiency: 'Work as a share of flow time', load: 'Items begun and not done, average', distribution: 'Which kinds of work',
    time_to_feedback: 'From the last commit to the first evidence from production', time_to_learning: 'From idea to first significant result',
};
// Is more better? null: neither
const UP: Record<string, boolean | null> = { deployment_frequency: true, velocity: true, efficiency: true };
const RULES = ['weir', 'dora', 'devlake', 'fourkeys', 'middleware', 'pelorus', 'cdviz', 'gitlab'];

export default function Delivery() {
    const rule = get(place.value, 'rule');
    const answer = useDoc<MetricsDoc>('metrics', rule ? [['rule', rule]] : []);
    const map = useDoc<MapDoc>('map'), constraint = useDoc<ConstraintDoc>('constraint');
    return <>
        <Head title="Delivery" answer={answer} next={answer.doc?.next?.[0] ?? 'weir metrics --explain'} />
        <div class="tools"><label class="pick">By the rules of <select value={rule ?? 'weir'} onChange={e => set({ rule: e.currentTarget.value === 'weir' ? undefined : e.currentTarget.value })}>{RULES.map(r => <option key={r} value={r}>{r}</option>)}</select></label>
            <span class="hint">The same log gives different figures under different rules; every figure says which.</span></div>
        <Shown answer={answer} what="the metrics" empty={d => !d.dora && !d.flow} draw={d => <>
            <Group title="Flow" metrics={d.flow} answer={answer} />
            {map.doc && constraint.doc && <ByStage map={map.doc} constraint={constraint.doc} answer={map} />}
            <Group title="Delivery (DORA)" metrics={d.dora} answer={answer} about={d.environments && d.environments.length > 0 ? `Environments: ${d.environments.map(e => `${e.name} (${count(e.deployments)}${e.production ? ', production' : ''})`).join(', ')}` : undefined} />
            <Group title="Feedback" metrics={d.feedback} answer={answer} />
        </>} />
    </>;
}

function Group(props: { title: string; metrics?: Record<string, Metric | null>; answer: Answer<MetricsDoc>; about?: string }) {
    const all = Object.entries(props.metrics ?? {}), told = all.filter(([, m]) => m && m.value !== null), not = all.filter(([, m]) => !m || m.value === null);
    if (all.length === 0) return null;
    return <section class="group" aria-label={props.title}><header><h2>{props.title}</h2>{props.about && <p class="about">{props.about}</p>}</header>
        {told.length > 0 && <div class="cards many">{told.map(([key, m]) => <MetricCard key={key} name={key} m={m!} answer={props.answer} />)}</div>}
        {not.length > 0 && <ul class="not-told card">{not.map(([key, m]) => <li key={key}><b>{TITLES[key] ?? key}</b> <span>{m?.note ?? 'not measurable with what the store holds'}</span></li>)}</ul>}
    </section>;
}

function MetricCard(props: { name: string; m: Metric; answer: Answer<MetricsDoc> }) {
    const { name, m, answer } = props, title = TITLES[name] ?? name, left = Object.values(m.excluded ?? {}).reduce((a, b) => a + b, 0);
    const interval = m.estimate && m.estimate.low != null ? `${measure(m.estimate.low, m.unit, m.value)} to ${measure(m.estimate.high, m.unit, m.value)}` : null;
    const series = m.series.filter(s => s.value !== null), value = measure(m.value, m.unit);
    const e = { title, value, meaning: MEANING[name], n: m.n, coverage: m.coverage, rule: m.rule, excluded: m.excluded, interval, notes: [m.note, m.warning], answer };
    return <Card title={title} chart={series.length > 2} answer={answer} explain={e} about={MEANING[name]} class="metric"
        table={{ rows: [...m.series].reverse(), columns: [{ title: 'from', key: true, text: s => date(s.from, 'UTC'), raw: s => s.from }, { title: 'value', key: true, right: true, text: s => measure(s.value, m.unit), raw: s => s.value ?? '' }, { title: 'n', key: true, right: true, text: s => count(s.n), raw: s => s.n }, { title: 'whole', text: s => s.partial ? 'in part' : 'yes', raw: s => !s.partial }] }}>
        <p class="metric-value"><Num e={e}>{value}</Num></p>
        {interval && <p class="small sub">{interval}</p>}
        {m.distribution && m.distribution.n > 0 && <p class="small sub">85 % within {measure(m.distribution.p85, m.unit)}, 95 % within {measure(m.distribution.p95, m.unit)}</p>}
        {series.length > 2 && <Sparkline points={m.series.slice(-104)} unit={m.unit} up={UP[name] ?? null} title={title} />}
        <dl class="foot"><div><dt>n</dt><dd>{count(m.n)}</dd></div><div><dt>coverage</dt><dd>{m.coverage == null ? '–' : share(m.coverage)}</dd></div><div><dt>left out</dt><dd>{count(left)}</dd></div><div><dt>rule</dt><dd>{m.rule ? `${m.rule.name} ${m.rule.version}` : '–'}</dd></div></dl>
        {m.n > 0 && m.n < 30 && <p class="small warn">{m.n} of them: a hint, not a fact</p>}
        {m.warning && <p class="small warn">{m.warning}</p>}
    </Card>;
}

function ByStage(props: { map: MapDoc; constraint: ConstraintDoc; answer: Answer<MapDoc> }) {
    const { map, constraint } = props, rows = constraint.stages.filter(s => s.share_of_lead > 0);
    if (rows.length === 0) return null;
    const most = Math.max(...map.stages.map(x => x.time?.sum ?? 0), 1);
    return <Card title="Lead time by stage" answer={props.answer} about="Of all lead time, what is spent in each stage; hatched: waiting" explain={{ n: constraint.n, meaning: 'Every instant of an item belongs to one stage; the shares sum to the lead time.' }}
        table={{ rows, columns: [{ title: 'stage', text: s => s.stage, raw: s => s.stage, key: true }, { title: 'of lead time', right: true, key: true, text: s => share(s.share_of_lead), raw: s => s.share_of_lead }] }}>
        <ul class="bars by-stage">{rows.map(s => { const m = map.stages.find(x => x.name === s.stage); return <li key={s.stage}><span class="bar-name">{s.stage === constraint.stage && <b class="bad">▲ </b>}{s.stage}</span>
            <span class="bar-value"><Num e={{ title: `${s.stage}: of lead time`, value: share(s.share_of_lead), n: constraint.n, answer: props.answer, meaning: 'Share of all lead time that is spent in the stage.' }}>{share(s.share_of_lead)}</Num>{m?.time && <span class="part"> p50 {lapse(m.time.p50)} · p85 {lapse(m.time.p85)}</span>}</span>
            <span class="bar-track"><StageBar wait={m?.wait?.sum ?? null} work={m?.work?.sum ?? null} whole={m?.time?.sum ?? 0} most={most} waits={m?.category === 'gate' || m?.category === 'waiting'} /></span></li>; })}</ul>
    </Card>;
}
