// Tables. Of many rows only those in view are in the page (with a spacer above and below), so a hundred thousand
// scroll as well as ten. A figure's column head explains the column; a press on a cell explains that figure.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { explain, type Explained } from './num.tsx';

export interface Column<R = any> {
    title: string;
    text: (row: R) => string; // what is shown
    raw: (row: R) => unknown; // what is copied
    cell?: (row: R) => ComponentChildren; // in place of the text
    right?: boolean;
    key?: boolean; // stays on narrow screens
    wide?: boolean; // takes what room there is
    explain?: (row: R | null) => Explained; // null: of the column
}
export interface Table<R = any> { columns: Column<R>[]; rows: R[]; id?: (row: R) => string; mark?: (row: R) => boolean; }

const ROW = 32, MANY = 40, MARGIN = 12;

export function DataTable(props: { table: Table; caption: string; height?: number }) {
    const { columns, rows, id, mark } = props.table, many = rows.length > MANY;
    const box = useRef<HTMLDivElement>(null), [top, setTop] = useState(0), [height, setHeight] = useState(props.height ?? 480);
    useEffect(() => {
        if (!many || !box.current) return;
        const watch = new ResizeObserver(([e]) => setHeight(e!.contentRect.height));
        watch.observe(box.current);
        return () => watch.disconnect();
    }, [many]);
    const first = many ? Math.max(0, Math.floor(top / ROW) - MARGIN) : 0;
    const last = many ? Math.min(rows.length, Math.ceil((top + height) / ROW) + MARGIN) : rows.length;
    const classOf = (c: Column): string => [c.right && 'right', c.key && 'key', c.wide && 'wide'].filter(Boolean).join(' ');
    return <div class={'table-box' + (many ? ' many' : '')} ref={box} tabIndex={0} role="group" aria-label={props.caption}
        onScroll={e => { if (many) setTop(e.currentTarget.scrollTop); }}>
        <table aria-rowcount={rows.length + 1}>
            <caption class="sr">{props.caption}</caption>
            <thead><tr>{columns.map(c => <th key={c.title} scope="col" class={classOf(c)}>
                {c.explain ? <button type="button" class="head" title="Explain this column" onClick={() => explain(c.explain!(null))}>{c.title}</button> : c.title}
            </th>)}</tr></thead>
            <tbody>
                {first > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: first * ROW + 'px', padding: 0, border: 0 }} /></tr>}
                {rows.slice(first, last).map((row, i) => <tr key={id ? id(row) : first + i} aria-rowindex={first + i + 2} class={mark?.(row) ? 'marked' : undefined}>
                    {columns.map((c, k) => {
                        const content = c.cell ? c.cell(row) : c.text(row);
                        const shown = c.explain && !c.cell ? <span class="ask" onClick={() => explain(c.explain!(row))} title="Explain this number">{content}</span> : content;
                        return k === 0 ? <th key={c.title} scope="row" class={classOf(c)}>{shown}</th> : <td key={c.title} class={classOf(c)}>{shown}</td>;
                    })}
                </tr>)}
                {last < rows.length && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: (rows.length - last) * ROW + 'px', padding: 0, border: 0 }} /></tr>}
            </tbody>
        </table>
    </div>;
}
