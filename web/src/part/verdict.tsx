// The head of every page: its name, the answer as one sentence, word for word from the document, and one next step.
import type { ComponentChildren } from 'preact';
import type { Answer } from '../api.ts';
import type { Doc } from '../doc.ts';
import { link } from '../url.ts';
import { CopyLine } from './copy.tsx';

const VALUED = new Set(['--where', '--from', '--to', '--last', '--clock', '--stream', '--tz']); // a value follows

/** The page that shows what a line of weir prints, if there is one. */
export function pageOf(line: string): string | undefined {
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(m => m[1]?.replace(/\\(.)/g, '$1') ?? m[2] ?? m[3]!);
    if (words[0] !== 'weir') return undefined;
    const option = (name: string): string | undefined => words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
    const where: Record<string, string> = option('--where') ? { where: option('--where')! } : {};
    switch (words[1]) {
        case 'map': return link('map', '', where);
        case 'constraint': return link('constraint', '', where);
        case 'items': return link('items', '', { ...where, ...(option('--stage') ? { stage: option('--stage')! } : {}), ...(words.includes('--slow') ? { show: 'finished' } : {}) });
        case 'item': { const id = words.find((w, i) => i > 1 && !w.startsWith('--') && !VALUED.has(words[i - 1]!)); return id ? link('items', id, where) : undefined; }
        case 'metrics': return link('delivery', '', where);
        case 'status': case 'doctor': return link('sources');
        case 'whatif': return link('whatif');
        default: return undefined;
    }
}

export function Next(props: { line: string }) {
    const page = pageOf(props.line);
    return <p class="next"><span class="next-word">Next</span>{page ? <a href={page}>{props.line.replace(/^weir /, '')}</a> : null}<CopyLine text={props.line} /></p>;
}

export function Head(props: { title: string; sentence?: string | null; answer?: Answer<unknown>; sub?: ComponentChildren; next?: string; mark?: 'bad' | 'ok' | 'wait' }) {
    const doc = props.answer?.doc as Doc | undefined;
    const sentence = props.sentence ?? doc?.sentence;
    const simulated = doc?.notes?.find(n => n.startsWith('simulated:'));
    return <div class="head-box">
        {simulated && <p class="simulated"><strong>Simulated</strong>{simulated.slice('simulated'.length)}</p>}
        <h1>{props.title}</h1>
        <p class={'verdict' + (props.mark ? ' ' + props.mark : '')} role="status" aria-live="polite" data-verdict>{sentence ?? (props.answer?.error ? props.answer.error.detail || props.answer.error.title : ' ')}</p>
        {props.sub && <div class="sub">{props.sub}</div>}
        {props.next && <Next line={props.next} />}
    </div>;
}
