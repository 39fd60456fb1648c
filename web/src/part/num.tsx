// Every number can be asked what it is: a press opens the explanation with rule, n, coverage, what was left
// out, and the line that prints the same number.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Answer } from '../api.ts';
import type { Doc, Rule } from '../doc.ts';
import { count, lapse, minute, share } from '../format.ts';
import { CopyLine } from './copy.tsx';

export interface Explained {
    title: string;
    value?: string;
    meaning?: string;
    n?: number | null;
    coverage?: number | null;
    rule?: Rule | null;
    interval?: string | null;
    excluded?: Record<string, number>;
    notes?: (string | null | undefined)[];
    answer?: Answer<unknown>; // the document that holds the number
}

export const explained = signal<Explained | null>(null);
export const explain = (e: Explained): void => { explained.value = e; };

export function Num(props: { e: Explained; class?: string; children: ComponentChildren }) {
    return <button type="button" class={'num ' + (props.class ?? '')} title="Explain this number"
        onClick={() => explain(props.e)}>{props.children}</button>;
}

const REASONS: Record<string, string> = {
    bad_time: 'events with a time that cannot be believed', no_start: 'completes without a start (counted with length zero)',
    no_end: 'starts without a complete (open)', unmapped_status: 'events of no stage', negative_duration: 'intervals that end before they begin (cut to zero)',
    impossible_order: 'visits in an impossible order (cut to zero)', after_end: 'events after the item was done',
    ignored: 'events left out as asked for', no_visit: 'items without a visit', outside_window: 'items outside the range of time',
};

export function ExplainDrawer() {
    const e = explained.value, box = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const dialog = box.current;
        if (!dialog) return;
        if (e && !dialog.open) dialog.showModal();
        if (!e && dialog.open) dialog.close();
    }, [e]);
    const doc = e?.answer?.doc as Doc | undefined;
    const excluded = Object.entries({ ...doc?.excluded, ...e?.excluded });
    const notes = [...(e?.notes ?? []), ...(doc?.notes ?? [])].filter((x): x is string => !!x);
    return <dialog class="drawer" ref={box} aria-labelledby="explain-title" onClose={() => { explained.value = null; }}
        onClick={event => { if (event.target === box.current) explained.value = null; }}>
        {e && <div class="drawer-body">
            <header><h2 id="explain-title">{e.title}</h2>
                <button type="button" class="quiet" onClick={() => { explained.value = null; }} aria-label="Close">✕</button></header>
            {e.value !== undefined && <p class="explain-value">{e.value}</p>}
            {e.meaning && <p>{e.meaning}</p>}
            <dl class="facts">
                {e.interval && <><dt>95 % interval</dt><dd>{e.interval}</dd></>}
                {e.n != null && <><dt>Rests on</dt><dd>n = {count(e.n)}{e.n > 0 && e.n < 30 ? ': a hint, not a fact' : ''}</dd></>}
                {e.coverage !== undefined && <><dt>Coverage</dt><dd>{e.coverage == null ? 'not known' : share(e.coverage)}</dd></>}
                {e.rule && <><dt>Rule</dt><dd>{e.rule.name} {e.rule.version}{e.rule.text && <>: {e.rule.text}</>}
                    {Object.keys(e.rule.parameters).length > 0 && <ul class="plain small">{Object.entries(e.rule.parameters).map(([k, v]) =>
                        <li key={k}><code>{k} = {typeof v === 'object' ? JSON.stringify(v) : String(v)}</code></li>)}</ul>}</dd></>}
                {doc?.range && <><dt>Read</dt><dd>{minute(doc.range.from)} to {minute(doc.range.to)}{doc.kind ? `, items of kind ${doc.kind}` : ''}</dd></>}
                {doc?.clock && <><dt>Clock</dt><dd>{doc.clock === 'wall' ? 'wall (24 hours a day)' : `working time${doc.calendar ? ` of ${doc.calendar}` : ''}`}</dd></>}
                <dt>Left out</dt><dd>{excluded.length === 0 ? 'nothing' :
                    <ul class="plain">{excluded.map(([k, n]) => <li key={k}>{count(n)} {REASONS[k] ?? k.replaceAll('_', ' ')}</li>)}</ul>}</dd>
                {e.answer?.took != null && <><dt>Answered in</dt><dd>{lapse(e.answer.took / 1000)}</dd></>}
            </dl>
            {notes.length > 0 && <><h3>Notes</h3><ul class="notes">{notes.map(note => <li key={note}>{note}</li>)}</ul></>}
            {e.answer?.cli && <><h3>The same on the command line</h3><CopyLine text={e.answer.cli} /></>}
        </div>}
    </dialog>;
}
