// What stands around every page: navigation, scope, palette, keys, live connection.
import { useEffect, useRef, useState } from 'preact/hooks';
import { connection, useDoc, useLive } from './api.ts';
import type { MapDoc, StatusDoc } from './doc.ts';
import { date } from './format.ts';
import { goPage, help, lettersOff, own, PAGES, palette, switchLetters } from './keys.ts';
import { copy, said } from './part/copy.tsx';
import { ExplainDrawer } from './part/num.tsx';
import { choice, setTheme } from './theme.ts';
import { absolute, get, link, place, printPlace, set } from './url.ts';
import type { ComponentChildren } from 'preact';

const RANGES: [string, string][] = [['', 'All'], ['365d', '1 y'], ['90d', '90 d'], ['30d', '30 d'], ['7d', '7 d']];

export async function copyLink(): Promise<void> {
    const hash = printPlace({ ...place.value, query: absolute(place.value.query, new Date()) });
    await copy(location.origin + location.pathname + hash, 'Link copied');
}

function Scope() {
    const status = useDoc<StatusDoc>('status', [], true).doc, query = place.value;
    const last = get(query, 'last') ?? '', custom = get(query, 'from');
    const old = status?.lag_s != null && status.lag_s > 86400; // the log ended a while ago: count from its end
    const pick = (value: string): void => set({ last: value || undefined, from: undefined, to: value && old ? status!.range.to ?? undefined : undefined });
    const kinds = status?.kinds ?? [], kind = query.query.find(([k, v]) => k === 'where' && v.startsWith('type='))?.[1].slice(5) ?? '';
    return <div class="scope" role="group" aria-label="Which items, which time">
        <div class="segments" role="group" aria-label="Time range">{RANGES.map(([value, text]) =>
            <button type="button" key={text} aria-pressed={!custom && last === value} onClick={() => pick(value)}>{text}</button>)}
            {custom && <button type="button" aria-pressed={true} title="Clear this range" onClick={() => set({ from: undefined, to: undefined })}>{date(custom)} – {date(get(query, 'to'))} ✕</button>}
        </div>
        {kinds.length > 1 && <label class="pick"><span class="sr">Kind of item</span>
            <select value={kind} onChange={e => set({ where: e.currentTarget.value ? `type=${e.currentTarget.value}` : undefined })}>
                <option value="">usual kind</option>{kinds.map(k => <option key={k.kind} value={k.kind}>{k.kind}</option>)}
            </select></label>}
        <label class="pick"><span class="sr">Clock</span>
            <select value={get(query, 'clock') ?? ''} onChange={e => set({ clock: e.currentTarget.value || undefined })}>
                <option value="">wall clock</option><option value="work">working hours</option>
            </select></label>
    </div>;
}

interface Action { text: string; key: string; act: () => void; }

/** Letters of `query` in order; earlier and closer together is better. */
export function fuzzy(query: string, text: string): number {
    const q = query.toLowerCase(), t = text.toLowerCase();
    let at = -1, score = 0;
    for (const c of q) {
        const next = t.indexOf(c, at + 1);
        if (next < 0) return -1;
        score += next - at - 1 + (next > 0 && /\w/.test(t[next - 1]!) && next !== at + 1 ? 3 : 0);
        at = next;
    }
    return score;
}

function Palette() {
    const box = useRef<HTMLDialogElement>(null), [text, setText] = useState(''), [at, setAt] = useState(0);
    const map = useDoc<MapDoc>(palette.value ? 'map' : null).doc;
    useEffect(() => {
        const d = box.current;
        if (palette.value && d && !d.open) { setText(''); setAt(0); d.showModal(); }
        if (!palette.value && d?.open) d.close();
    }, [palette.value]);
    const actions: Action[] = [
        ...PAGES.map(p => ({ text: p.title, key: `g ${p.key}`, act: () => goPage(p.id) })),
        ...(map?.stages ?? []).map(s => ({ text: `Stage ${s.name}: items in it`, key: '', act: () => { location.hash = link('items', '', { stage: s.name }); } })),
        ...own.value.map(k => ({ text: k.text, key: k.key, act: k.act })),
        { text: 'Copy link', key: '', act: () => void copyLink() },
        { text: 'Theme: light', key: '', act: () => setTheme('light') }, { text: 'Theme: dark', key: '', act: () => setTheme('dark') },
        { text: 'Theme: as the system', key: '', act: () => setTheme('system') },
        { text: 'First run', key: '', act: () => goPage('first') },
        { text: 'Keys', key: '?', act: () => { help.value = true; } },
        { text: lettersOff.value ? 'Switch single-letter keys on' : 'Switch single-letter keys off', key: '', act: switchLetters },
    ];
    const found = actions.map(a => ({ a, score: fuzzy(text, a.text) })).filter(x => x.score >= 0).sort((x, y) => x.score - y.score).slice(0, 12).map(x => x.a);
    if (text.trim()) found.push({ text: `Open item ${text.trim()}`, key: '', act: () => { location.hash = link('items', text.trim()); } });
    const chosen = Math.min(at, found.length - 1);
    const run = (a?: Action): void => { palette.value = false; a?.act(); };
    return <dialog class="palette" ref={box} aria-label="Go to, or do" onClose={() => { palette.value = false; }} onClick={e => { if (e.target === box.current) palette.value = false; }}>
        {palette.value && <div class="palette-body">
            <input type="text" autofocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={`palette-${chosen}`}
                aria-label="Page, stage, item or command" placeholder="Page, stage, item …" value={text} onInput={e => { setText(e.currentTarget.value); setAt(0); }}
                onKeyDown={e => {
                    if (e.key === 'ArrowDown') { setAt((chosen + 1) % found.length); e.preventDefault(); }
                    else if (e.key === 'ArrowUp') { setAt((chosen + found.length - 1) % found.length); e.preventDefault(); }
                    else if (e.key === 'Enter') { run(found[chosen]); e.preventDefault(); }
                }} />
            <ul id="palette-list" role="listbox" aria-label="Matches">{found.map((a, i) => <li key={a.text} id={`palette-${i}`} role="option" aria-selected={i === chosen}
                onPointerMove={() => setAt(i)} onClick={() => run(a)}><span>{a.text}</span>{a.key && <kbd>{a.key}</kbd>}</li>)}</ul>
        </div>}
    </dialog>;
}

function Help() {
    const box = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const d = box.current;
        if (help.value && d && !d.open) d.showModal();
        if (!help.value && d?.open) d.close();
    }, [help.value]);
    const row = (key: string, text: string) => <tr key={key + text}><th scope="row"><kbd>{key}</kbd></th><td>{text}</td></tr>;
    return <dialog class="drawer" ref={box} aria-labelledby="keys-title" onClose={() => { help.value = false; }} onClick={e => { if (e.target === box.current) help.value = false; }}>
        {help.value && <div class="drawer-body"><header><h2 id="keys-title">Keys</h2><button type="button" class="quiet" aria-label="Close" onClick={() => { help.value = false; }}>✕</button></header>
            <table class="keys"><tbody>
                {row('Ctrl K', 'go to a page, stage or item')}{row('/', 'the same')}{row('?', 'this list')}
                {PAGES.map(p => row(`g ${p.key}`, p.title))}{row('t', 'the table of a chart')}{row('Esc', 'close')}
                {own.value.map(k => row(k.key, k.text))}
            </tbody></table>
            <label class="check"><input type="checkbox" checked={!lettersOff.value} onChange={switchLetters} /> Single-letter keys</label>
        </div>}
    </dialog>;
}

function Connection() {
    const c = connection.value;
    return c.state === 'lost' ? <span class="lost" role="status">Connection lost: showing what was read; next try in {c.retry} s</span> : null;
}

export function Shell(props: { children: ComponentChildren }) {
    useLive();
    const page = place.value.page;
    return <>
        <a class="skip" href="#main" onClick={e => { e.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to the content</a>
        <nav class="nav" aria-label="Pages">
            <a class="brand" href={link('map')} aria-label="weir: flow map"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M2 7c3 0 3 2 6 2s3-2 6-2M2 12c3 0 3 2 6 2" /><path class="sill" d="M15 5v9h3v5h4" /></svg><span>weir</span></a>
            <ul>{PAGES.map(p => <li key={p.id}><a href={link(p.id)} aria-current={page === p.id ? 'page' : undefined} class={p.later ? 'later' : undefined} title={`g ${p.key}`}>{p.title}{p.later && <span class="soon">later</span>}</a></li>)}</ul>
        </nav>
        <header class="top">
            <Scope />
            <div class="top-right">
                <Connection />
                <button type="button" class="search" onClick={() => { palette.value = true; }}>Search <kbd>Ctrl K</kbd></button>
                <button type="button" onClick={() => void copyLink()}>Copy link</button>
                <label class="pick"><span class="sr">Theme</span><select value={choice.value} onChange={e => setTheme(e.currentTarget.value as 'system')}>
                    <option value="system">Auto</option><option value="light">Light</option><option value="dark">Dark</option></select></label>
                <button type="button" aria-label="Keys" onClick={() => { help.value = true; }}>?</button>
            </div>
        </header>
        <main id="main" tabIndex={-1}>{props.children}</main>
        <Palette /><Help /><ExplainDrawer />
        <div class={'toast' + (said.value ? ' shown' : '')} role="status" aria-live="polite">{said.value}</div>
    </>;
}
