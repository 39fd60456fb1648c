// Dots with a key press or click behind each: items by when they finished, or by the stage they are in.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { lapse } from '../format.ts';
import { colour, theme } from '../theme.ts';
import { lapseTicks } from '../ticks.ts';

export interface Dot { x: number; y: number; id: string; text: string; colour: string; mark?: boolean; }
export interface Line { y: number; text: string; from?: number; to?: number; }
export interface ScatterProps {
    dots: Dot[]; lines: Line[]; low: number; high: number; // of x
    ticks: (width: number) => { x: number; text: string }[]; columns?: { from: number; to: number; marks: number[] }[];
    label: string; height?: number; open: (id: string) => void; box?: (from: number, to: number, low: number, high: number) => void; children?: ComponentChildren;
}
const LEFT = 56, BOTTOM = 24, TOP = 8, RIGHT = 12;

export function Scatter(props: ScatterProps) {
    const { dots, lines, low, high } = props, height = props.height ?? 280;
    const box = useRef<HTMLDivElement>(null), canvas = useRef<HTMLCanvasElement>(null);
    const [width, setWidth] = useState(0), [over, setOver] = useState<Dot | null>(null);
    useEffect(() => {
        const watch = new ResizeObserver(([e]) => setWidth(Math.floor(e!.contentRect.width)));
        watch.observe(box.current!);
        return () => watch.disconnect();
    }, []);
    // durations on a logarithmic axis: hours and years in one picture
    const values = [...dots.map(d => d.y), ...lines.map(l => l.y)].filter(y => y > 0);
    const most = Math.max(10, ...values), bottom = Math.max(most / 1e5, Math.min(most / 10, ...values) * .8), top = most * 1.25;
    const px = (x: number): number => LEFT + (x - low) / ((high - low) || 1) * (width - LEFT - RIGHT);
    const py = (y: number): number => TOP + (1 - Math.log(Math.max(bottom, y) / bottom) / Math.log(top / bottom)) * (height - TOP - BOTTOM);
    useEffect(() => {
        const node = canvas.current, c = node?.getContext('2d');
        if (!node || !c || width < 50) return;
        const ratio = Math.min(2, devicePixelRatio || 1);
        node.width = width * ratio;
        node.height = height * ratio;
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        c.clearRect(0, 0, width, height);
        c.lineWidth = 1;
        c.strokeStyle = colour('line');
        c.beginPath();
        for (const y of lapseTicks(bottom, top)) { c.moveTo(LEFT, Math.round(py(y)) + .5); c.lineTo(width - RIGHT, Math.round(py(y)) + .5); }
        for (const t of props.ticks(width)) if (!props.columns) { c.moveTo(Math.round(px(t.x)) + .5, TOP); c.lineTo(Math.round(px(t.x)) + .5, height - BOTTOM); }
        c.stroke();
        if (props.columns) for (const [i, col] of props.columns.entries()) {
            const edges = [bottom, ...col.marks, top];
            if (col.marks.length > 0) for (let k = 0; k + 1 < edges.length; k++) {
                c.fillStyle = colour('wait');
                c.globalAlpha = [0, .04, .09, .15][k] ?? .15;
                c.fillRect(px(col.from) + 2, py(edges[k + 1]!), px(col.to) - px(col.from) - 4, py(edges[k]!) - py(edges[k + 1]!));
            }
            c.globalAlpha = 1;
            if (i > 0) { c.strokeStyle = colour('line'); c.beginPath(); c.moveTo(px(col.from), TOP); c.lineTo(px(col.from), height - BOTTOM); c.stroke(); }
            c.strokeStyle = colour('wait');
            for (const m of col.marks) { c.beginPath(); c.moveTo(px(col.from) + 2, py(m)); c.lineTo(px(col.to) - 2, py(m)); c.stroke(); }
        }
        c.setLineDash([5, 4]);
        c.strokeStyle = colour('ink2');
        for (const l of lines) { c.beginPath(); c.moveTo(px(l.from ?? low), py(l.y)); c.lineTo(px(l.to ?? high), py(l.y)); c.stroke(); }
        c.setLineDash([]);
        c.globalAlpha = dots.length > 1500 ? .35 : dots.length > 300 ? .55 : .8;
        for (const d of dots) {
            c.fillStyle = colour(d.colour);
            c.beginPath();
            if (d.mark) { const x = px(d.x), y = py(d.y); c.moveTo(x, y - 4); c.lineTo(x + 4, y + 3); c.lineTo(x - 4, y + 3); } else c.arc(px(d.x), py(d.y), 2.6, 0, 7);
            c.fill();
        }
        c.globalAlpha = 1;
        if (over) { c.strokeStyle = colour('focus'); c.lineWidth = 2; c.beginPath(); c.arc(px(over.x), py(over.y), 6, 0, 7); c.stroke(); }
    }, [dots, lines, width, theme.value, over, low, high]);
    const nearest = (x: number, y: number): Dot | null => {
        let best: Dot | null = null, least = 144;
        for (const d of dots) { const dx = px(d.x) - x, dy = py(d.y) - y, q = dx * dx + dy * dy; if (q < least) { least = q; best = d; } }
        return best;
    };
    const step = (by: number): void => {
        if (dots.length === 0) return;
        const sorted = [...dots].sort((a, b) => b.y - a.y);
        setOver(sorted[(over ? sorted.indexOf(over) + by + sorted.length : 0) % sorted.length]!);
    };
    const names = props.ticks(width);
    return <div class="scatter" ref={box} style={{ height: height + 'px' }} tabIndex={0} role="group" aria-label="Arrow keys go from item to item, Enter opens it"
        onKeyDown={e => {
            if (e.key === 'ArrowDown' || e.key === 'ArrowRight') { step(1); e.preventDefault(); }
            else if (e.key === 'ArrowUp' || e.key === 'ArrowLeft') { step(-1); e.preventDefault(); }
            else if (e.key === 'Enter' && over) props.open(over.id);
            else if (e.key === 'Escape') setOver(null);
        }}>
        <canvas ref={canvas} role="img" aria-label={props.label} style={{ width: '100%', height: height + 'px', cursor: over ? 'pointer' : 'default' }}
            onPointerMove={e => setOver(nearest(e.offsetX, e.offsetY))} onPointerLeave={() => setOver(null)} onClick={e => { const d = nearest(e.offsetX, e.offsetY); if (d) props.open(d.id); }} />
        {lapseTicks(bottom, top).map(y => <span key={y} class="y-tick" aria-hidden="true" style={{ top: py(y) + 'px' }}>{y >= 86400 ? lapse(y).replace('.0', '') : lapse(y).replace('.0', '')}</span>)}
        {names.map(t => <span key={t.x} class="x-tick" aria-hidden="true" style={{ left: px(t.x) + 'px' }}>{t.text}</span>)}
        {lines.map(l => <span key={l.text} class="line-tag" aria-hidden="true" style={{ top: py(l.y) + 'px' }}>{l.text}</span>)}
        {over && <span class={'tip' + (px(over.x) > width / 2 ? ' left' : '')} role="status" style={{ left: px(over.x) + 'px', top: py(over.y) + 'px' }}>{over.text}</span>}
    </div>;
}
