// What a page says when it has nothing to show: loading, no rows and error look different, and each says what is next.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../api.ts';
import { link, place, scopeOf } from '../url.ts';
import { CopyLine } from './copy.tsx';

export function Loading(props: { what: string; cli?: string }) {
    const [late, setLate] = useState(false);
    useEffect(() => { const t = setTimeout(() => setLate(true), 150); return () => clearTimeout(t); }, []);
    return <div class={'state loading' + (late ? ' late' : '')} role="status" data-state="loading">
        <div class="bar" aria-hidden="true" /><p>Reading {props.what} …</p>{late && props.cli && <p class="hint"><code>{props.cli}</code></p>}
    </div>;
}

export function Empty(props: { reason: string; command?: string; children?: ComponentChildren }) {
    return <div class="state empty" data-state="empty"><h2>Nothing to show</h2><p>{props.reason}</p>{props.children}
        {props.command && <p><CopyLine text={props.command} /></p>}</div>;
}

export function Failed(props: { answer: Answer<unknown> }) {
    const e = props.answer.error!;
    return <div class="state error" role="alert" data-state="error"><h2>{e.title}</h2><p>{e.detail}</p>{e.hint && <p>{e.hint}</p>}
        <p class="hint">Asked: <code>{props.answer.cli}</code></p></div>;
}

/** The page of one document: its state, or what `draw` makes of it. */
export function Shown<T>(props: { answer: Answer<T>; what: string; empty?: (doc: T) => boolean; draw: (doc: T) => ComponentChildren }) {
    const { answer } = props;
    if (answer.error) return <Failed answer={answer} />;
    if (answer.doc === undefined) return <Loading what={props.what} cli={answer.cli} />;
    if (props.empty?.(answer.doc)) {
        const chosen = scopeOf(place.value.query);
        return chosen.length > 0
            ? <Empty reason={`No item fits what is chosen above: ${chosen.map(([k, v]) => `${k} ${v}`).join(', ')}. Choose a wider range, or look at what there is:`} command="weir status" />
            : <Empty reason="The store holds no events yet. Bring some in:" command="weir import FILE"><p><a href={link('first')}>Three ways to begin</a></p></Empty>;
    }
    return <>{props.draw(answer.doc)}</>;
}
