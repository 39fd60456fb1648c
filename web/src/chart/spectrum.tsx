// The performance spectrum of a stage: one line a visit, from when it came (above) to when it left (below). Above 20,000
// lines the density is drawn instead: how many visits lie on each pixel.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Visits } from '../doc.ts';
import { count, date } from '../format.ts';
import { colour, theme } from '../theme.ts';
import { timeTicks } from '../ticks.ts';

const LINES = 20000, FIRST = 2500, HEIGHT = 200; // FIRST: so many are shown first, the latest

export function Spectrum(props: { visits: Visits; stage: string; label: string }) {
    const { visits, stage } = props, box = useRef<HTMLDivElement>(null), canvas = useRef<HTMLCanvasElement>(null);
    const [width, setWidth] = useState(0), [view, setView] = useState<[number, number]>([0, visits.length]);
    useEffect(() => {
        const watch = new ResizeObserver(([e]) => setWidth(Math.floor(e!.contentRect.width)));
        watch.observe(box.current!);
        return () => watch.disconnect();
    }, []);
    const rows = useMemo(() => {
        const ours = visits.edges.map(e => e.to === stage), list: number[] = [];
        for (let i = 0; i < visits.n; i++) if (ours[visits.edge[i]!] && visits.end[i]! > visits.begin[i]!) list.push(i);
        return list;
    }, [visits, stage]);
    useEffect(() => { setView([rows.length > FIRST ? visits.begin[rows[rows.length - FIRST]!]! : 0, visits.length]); }, [rows]);
    const inside = useMemo(() => rows.filter(i => visits.begin[i]! <= view[1] && Math.min(visits.end[i]!, visits.length) >= view[0]), [rows, view]);
    useEffect(() => {
        const node = canvas.current, c = node?.getContext('2d');
        if (!node || !c || width < 10) return;
        const ratio = Math.min(2, devicePixelRatio || 1), scale = width / (view[1] - view[0]);
        node.width = width * ratio;
        node.height = HEIGHT * ratio;
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        c.clearRect(0, 0, width, HEIGHT);
        const line = colour('line'), wait = colour('wait');
        c.strokeStyle = line;
        c.beginPath();
        for (const t of timeTicks(visits.zero + view[0], visits.zero + view[1], Math.max(2, width / 110))) { const x = (t.t - visits.zero - view[0]) * scale; c.moveTo(x, 0); c.lineTo(x, HEIGHT); }
        c.moveTo(0, .5); c.lineTo(width, .5); c.moveTo(0, HEIGHT - .5); c.lineTo(width, HEIGHT - .5);
        c.stroke();
        if (inside.length > LINES) {
            density(c, visits, inside, view, width, ratio, wait);
            return;
        }
        c.strokeStyle = wait;
        c.globalAlpha = Math.max(.08, Math.min(.8, 60 / Math.sqrt(inside.length * 12)));
        c.lineWidth = 1;
        c.beginPath();
        for (const i of inside) {
            const open = !isFinite(visits.end[i]!), x = (visits.begin[i]! - view[0]) * scale;
            c.moveTo(x, 1);
            c.lineTo(((open ? visits.length : visits.end[i]!) - view[0]) * scale, open ? HEIGHT / 2 : HEIGHT - 1);
        }
        c.stroke();
        c.globalAlpha = 1;
    }, [inside, view, width, theme.value]);
    const move = (factor: number, shift: number): void => {
        const span = Math.min(visits.length, Math.max(visits.length / 5000, (view[1] - view[0]) * factor)), middle = (view[0] + view[1]) / 2 + shift * (view[1] - view[0]);
        const low = Math.max(0, Math.min(visits.length - span, middle - span / 2));
        setView([low, low + span]);
    };
    const keys = (e: KeyboardEvent): void => {
        const act: Record<string, () => void> = { w: () => move(.6, 0), s: () => move(1 / .6, 0), a: () => move(1, -.2), d: () => move(1, .2), ArrowLeft: () => move(1, -.2), ArrowRight: () => move(1, .2), f: () => setView([0, visits.length]), Escape: () => setView([0, visits.length]) };
        if (act[e.key] && !e.ctrlKey && !e.metaKey) { act[e.key]!(); e.preventDefault(); e.stopPropagation(); }
    };
    const at = useRef<number | null>(null);
    const ticks = timeTicks(visits.zero + view[0], visits.zero + view[1], Math.max(2, Math.floor(width / 110)));
    return <div class="spectrum" ref={box} tabIndex={0} role="group" aria-label="Performance spectrum; W A S D zoom and move, F shows all" onKeyDown={keys}>
        <div class="spectrum-edge">comes into {stage}</div>
        <canvas ref={canvas} role="img" aria-label={props.label} style={{ width: '100%', height: HEIGHT + 'px' }}
            onPointerDown={e => { at.current = e.offsetX; (e.currentTarget as Element).setPointerCapture(e.pointerId); }}
            onPointerUp={e => {
                if (at.current === null) return;
                const a = Math.min(at.current, e.offsetX), b = Math.max(at.current, e.offsetX), scale = (view[1] - view[0]) / width;
                at.current = null;
                if (b - a > 6) setView([view[0] + a * scale, view[0] + b * scale]);
            }} onDblClick={() => setView([0, visits.length])} />
        <div class="spectrum-edge">leaves</div>
        <div class="axis" aria-hidden="true">{ticks.map(t => <span key={t.t} style={{ left: `${100 * (t.t - visits.zero - view[0]) / (view[1] - view[0])}%` }}>{t.text}</span>)}</div>
        <div class="spectrum-foot"><span class="hint">{count(inside.length)} stays{visits.every > 1 ? `, 1 in ${visits.every} shown` : ''}, {date(new Date((visits.zero + view[0]) * 1000))} to {date(new Date((visits.zero + view[1]) * 1000))}{inside.length > LINES ? '; density' : ''}. Drag to zoom.</span>
            <span><button type="button" class="small" onClick={() => move(.5, 0)} aria-label="Zoom in">+</button> <button type="button" class="small" onClick={() => move(2, 0)} aria-label="Zoom out">−</button> <button type="button" class="small" onClick={() => setView([0, visits.length])}>All</button></span></div>
    </div>;
}

/** How many lines cross each cell of 2 × 2 pixels, as opacity on a logarithmic scale. */
function density(c: CanvasRenderingContext2D, v: Visits, rows: number[], view: [number, number], width: number, ratio: number, ink: string): void {
    const w = Math.ceil(width / 2), h = HEIGHT / 2, cells = new Uint32Array(w * h), scale = w / (view[1] - view[0]);
    let most = 1;
    for (const i of rows) {
        const x0 = (v.begin[i]! - view[0]) * scale, x1 = (Math.min(v.end[i]!, v.length) - view[0]) * scale;
        for (let y = 0; y < h; y++) {
            const x = Math.floor(x0 + (x1 - x0) * y / h);
            if (x >= 0 && x < w) { const n = ++cells[y * w + x]!; if (n > most) most = n; }
        }
    }
    const image = new ImageData(w, h), rgb = [1, 3, 5].map(k => parseInt(ink.slice(k, k + 2), 16)), top = Math.log1p(most);
    for (let k = 0; k < cells.length; k++) if (cells[k]! > 0) {
        image.data[4 * k] = rgb[0]!; image.data[4 * k + 1] = rgb[1]!; image.data[4 * k + 2] = rgb[2]!;
        image.data[4 * k + 3] = 25 + 230 * Math.log1p(cells[k]!) / top;
    }
    const tile = document.createElement('canvas');
    tile.width = w;
    tile.height = h;
    tile.getContext('2d')!.putImageData(image, 0, 0);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.imageSmoothingEnabled = false;
    c.drawImage(tile, 0, 0, w * 2, h * 2);
}
