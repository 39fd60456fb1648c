// A card: title, what it shows, and the ⋯ menu that every card has. A chart's card can show its table instead (t).
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Answer } from '../api.ts';
import { copy, save } from './copy.tsx';
import { explain, type Explained } from './num.tsx';
import { DataTable, type Table } from './table.tsx';

const csvCell = (x: unknown): string => /[",\n\r]/.test(String(x ?? '')) ? `"${String(x).replaceAll('"', '""')}"` : String(x ?? '');
const raw = (t: Table): unknown[][] => [t.columns.map(c => c.title), ...t.rows.map(r => t.columns.map(c => c.raw(r)))];
const csv = (t: Table): string => raw(t).map(r => r.map(csvCell).join(',')).join('\r\n') + '\r\n';
function markdown(t: Table): string {
    const cell = (x: string): string => x.replaceAll('|', '\\|').replaceAll('\n', ' ');
    return [`| ${t.columns.map(c => cell(c.title)).join(' | ')} |`, `|${t.columns.map(c => c.right ? '--:' : '---').join('|')}|`,
        ...t.rows.map(r => `| ${t.columns.map(c => cell(c.text(r))).join(' | ')} |`)].join('\n') + '\n';
}

export interface CardProps {
    title: string;
    about?: ComponentChildren; // one line under the title
    answer?: Answer<unknown>;
    explain?: Partial<Explained>;
    table?: Table; // of a chart: what t shows, and what is copied
    chart?: boolean; // children are a chart, the table its other face
    controls?: ComponentChildren;
    class?: string;
    children?: ComponentChildren;
}

export function Card(props: CardProps) {
    const [open, setOpen] = useState(false), [asTable, setTable] = useState(false);
    const box = useRef<HTMLElement>(null), menu = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const toggle = (): void => setTable(v => !v);
        const node = box.current;
        node?.addEventListener('weir-table', toggle);
        return () => node?.removeEventListener('weir-table', toggle);
    }, []);
    useEffect(() => {
        if (!open) return;
        menu.current?.querySelector<HTMLElement>('button')?.focus();
        const away = (event: Event): void => { if (!menu.current?.parentElement?.contains(event.target as Node)) setOpen(false); };
        addEventListener('pointerdown', away);
        return () => removeEventListener('pointerdown', away);
    }, [open]);
    const { table, answer } = props, id = 'card-' + props.title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const picture = (): void => {
        const canvas = box.current?.querySelector('canvas');
        canvas?.toBlob(blob => { if (blob) save(`${id}.png`, blob); });
    };
    const entry = (text: string, act: () => void) => <button type="button" role="menuitem" onClick={() => { setOpen(false); act(); }}>{text}</button>;
    const keys = (event: KeyboardEvent): void => {
        const all = [...menu.current!.querySelectorAll<HTMLElement>('button')], at = all.indexOf(document.activeElement as HTMLElement);
        if (event.key === 'Escape') { setOpen(false); box.current?.querySelector<HTMLElement>('.menu-button')?.focus(); event.stopPropagation(); }
        else if (event.key === 'ArrowDown') { all[(at + 1) % all.length]?.focus(); event.preventDefault(); }
        else if (event.key === 'ArrowUp') { all[(at + all.length - 1) % all.length]?.focus(); event.preventDefault(); }
    };
    return <section class={'card ' + (props.class ?? '')} ref={box} aria-labelledby={id} data-chart={props.chart ? '' : undefined}>
        <header class="card-head">
            <div class="card-title"><h2 id={id}>{props.title}</h2>{props.about && <p class="about">{props.about}</p>}</div>
            <div class="card-controls">{props.controls}
                <div class="menu-place">
                    <button type="button" class="quiet menu-button" aria-haspopup="menu" aria-expanded={open} aria-label={`More about ${props.title}`}
                        onClick={() => setOpen(!open)}>⋯</button>
                    {open && <div class="menu" role="menu" ref={menu} onKeyDown={keys}>
                        {entry('Explain these numbers', () => explain({ title: props.title, answer, ...props.explain }))}
                        {props.chart && table && entry(asTable ? 'Show the chart' : 'Show as a table', () => setTable(!asTable))}
                        {table && entry('Copy as CSV', () => void copy(csv(table), 'Copied as CSV'))}
                        {table && entry('Copy as Markdown', () => void copy(markdown(table), 'Copied as Markdown'))}
                        {answer?.doc != null && entry('Copy document as JSON', () => void copy(JSON.stringify(answer.doc, null, 2), 'Copied as JSON'))}
                        {props.chart && !asTable && entry('Save as PNG', picture)}
                        {answer?.cli && entry('Copy the weir line', () => void copy(answer.cli, 'Line copied'))}
                    </div>}
                </div>
            </div>
        </header>
        {asTable && table ? <DataTable table={table} caption={props.title} /> : props.children}
    </section>;
}
