// The flow map: stages are buttons, hand-overs and moving items are drawn on a canvas below them. Waiting items are a
// pile at the left side of their stage (above it, when the map runs from top to bottom).
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Edge, FlowDoc, MapDoc, Stage, Visits } from '../doc.ts';
import { count, cut, lapse, minute } from '../format.ts';
import { StageBar } from '../part/stagebar.tsx';
import { colour, still, theme } from '../theme.ts';
import { layOut, smooth, walk, type Laid, type Point } from './layout.ts';
import { Replay } from './replay.ts';

export type Measure = 'count' | 'p50' | 'p85' | 'sum';
export const measureOf = (e: Edge, m: Measure): number => m === 'count' ? e.count : e.time?.[m] ?? 0;
export const measureText = (e: Edge, m: Measure): string => m === 'count' ? count(e.count) : lapse(e.time?.[m]);
const WAITS = new Set(['new', 'waiting', 'blocked', 'gate']);
const MOST = 6000, COLUMN = 14, SQUARE = 4, PITCH = 5;

export interface FlowMapProps {
    map: MapDoc; flow?: FlowDoc; visits?: Visits; stages: string[]; edges: Edge[]; constraint: string | null; measure: Measure;
    narrow: boolean; chosen: string | null; choose: (stage: string) => void; chooseEdge: (e: Edge) => void;
    playing: Signal<boolean>; at: Signal<number | null>; speed: Signal<number>; // at: share of the range; null: its end
}

function pathOf(c: CanvasRenderingContext2D, points: Point[]): void {
    c.beginPath();
    points.forEach((p, i) => i === 0 ? c.moveTo(p.x, p.y) : c.lineTo(p.x, p.y));
}

function arrow(c: CanvasRenderingContext2D, points: Point[], size: number): void {
    const b = points.at(-1)!, a = points.at(-2)!, angle = Math.atan2(b.y - a.y, b.x - a.x);
    c.beginPath();
    c.moveTo(b.x, b.y);
    c.lineTo(b.x - size * Math.cos(angle - .45), b.y - size * Math.sin(angle - .45));
    c.lineTo(b.x - size * Math.cos(angle + .45), b.y - size * Math.sin(angle + .45));
    c.fill();
}

export function FlowMap(props: FlowMapProps) {
    const { map, flow, visits, stages, edges, measure, narrow, playing, at, speed } = props;
    const canvas = useRef<HTMLCanvasElement>(null), shownEvery = useSignal(1);
    const box = useRef<HTMLDivElement>(null), [room, setRoom] = useState(0);
    useEffect(() => {
        const watch = new ResizeObserver(([e]) => setRoom(Math.floor(e!.contentRect.width / 8) * 8));
        watch.observe(box.current!);
        return () => watch.disconnect();
    }, []);
    const laid: Laid = useMemo(() => {
        const at = (rank: number): Laid => layOut(stages, edges, { w: 146, h: 82, rank, gap: narrow ? 16 : 22 }, narrow);
        if (narrow) return at(54);
        const tight = at(64), gaps = Math.round((tight.width - 146) / 210); // what room is left goes between the ranks
        const more = gaps > 0 ? Math.floor((room - 52 - tight.width) / gaps) : 0;
        return more > 4 ? at(Math.min(120, 64 + more)) : more < 0 ? at(Math.max(48, 64 + more)) : tight;
    }, [stages.join('\n'), edges, narrow, room]);
    const replay = useMemo(() => visits && visits.n > 0 ? new Replay(visits) : null, [visits]);
    const PAD = narrow ? { x: 4, y: 34 } : { x: 40, y: 12 };
    const width = laid.width + 2 * PAD.x - (narrow ? 0 : 32), height = laid.height + PAD.y + 24;
    const stage = new Map(map.stages.map(s => [s.name, s]));
    const lines = useMemo(() => laid.edges.map(e => smooth(e.points)), [laid]);
    const most = Math.max(1, ...edges.map(e => e.count));
    const ways = useMemo(() => {
        const list = new Map<string, Float32Array>();
        laid.edges.forEach((e, i) => list.set(`${e.from}\n${e.to}`, walk(lines[i]!)));
        for (const n of laid.nodes) // the way in: from outside
            list.set(`\n${n.name}`, walk(narrow ? [{ x: n.x, y: n.y - n.h / 2 - 30 }, { x: n.x, y: n.y - n.h / 2 }] : [{ x: n.x - n.w / 2 - 36, y: n.y }, { x: n.x - n.w / 2, y: n.y }]));
        return list;
    }, [laid]);

    // the share of the range that is shown, as the moment's index of the flow document, whose numbers are printed
    const moment = (t: number | null): number | null => {
        if (t === null || !flow || !replay || flow.times.length === 0) return null;
        const time = replay.visits.zero + t * replay.visits.length, first = Date.parse(flow.times[0]!) / 1000;
        return Math.max(0, Math.min(flow.times.length - 1, Math.floor((time - first) / flow.step_s)));
    };
    const now = moment(at.value);
    const wipOf = (s: Stage): number => now === null ? s.wip_now : flow!.stages.find(x => x.name === s.name)?.wip[now] ?? 0;

    const draw = (): void => {
        const node = canvas.current, c = node?.getContext('2d');
        if (!node || !c) return;
        const ratio = Math.min(2, devicePixelRatio || 1);
        if (node.width !== Math.round(width * ratio) || node.height !== Math.round(height * ratio)) { node.width = Math.round(width * ratio); node.height = Math.round(height * ratio); }
        c.setTransform(ratio, 0, 0, ratio, ratio * PAD.x, ratio * PAD.y);
        c.clearRect(-PAD.x, -PAD.y, width, height);
        const ink = colour('control'), wait = colour('wait'), accent = colour('accent'), hint = colour('ink3');
        laid.edges.forEach((e, i) => {
            const edge = edges.find(x => x.from === e.from && x.to === e.to)!, slow = (edge.time?.p50 ?? 0) > 0 && measure !== 'count';
            c.strokeStyle = c.fillStyle = slow ? wait : ink;
            c.lineWidth = 1 + 7 * Math.sqrt(edge.count / most);
            c.globalAlpha = e.back ? .55 : .75;
            c.setLineDash(e.back ? [5, 4] : []);
            c.lineJoin = 'round';
            const line = lines[i]!, end = line.at(-1)!, before = line.at(-2)!, d = Math.hypot(end.x - before.x, end.y - before.y) || 1, back = Math.min(6, d);
            pathOf(c, [...line.slice(0, -1), { x: end.x - (end.x - before.x) * back / d, y: end.y - (end.y - before.y) * back / d }]);
            c.stroke();
            c.setLineDash([]);
            c.globalAlpha = 1;
            arrow(c, line, 7 + c.lineWidth * .7);
        });
        const t = at.value === null ? null : at.value * (replay?.visits.length ?? 0);
        if (replay && t !== null) replay.seek(t);
        const scale = replay && t !== null ? replay.visits.every : 1;
        const held = (name: string): number => {
            if (replay && t !== null) { const k = replay.stages.indexOf(name); return k < 0 ? 0 : Math.max(0, replay.held[k]!) * scale; }
            return stage.get(name)?.wip_now ?? 0;
        };
        const unit = pileUnit(map, flow);
        for (const n of laid.nodes) {
            const s = stage.get(n.name)!, squares = Math.min(6 * COLUMN, Math.ceil(held(n.name) / unit));
            c.fillStyle = WAITS.has(s.category) ? wait : s.wait && s.work && s.wait.sum > s.work.sum ? wait : s.wait && s.work ? accent : hint;
            for (let i = 0; i < squares; i++) {
                const column = Math.floor(i / COLUMN), row = i % COLUMN;
                if (narrow) c.fillRect(n.x - n.w / 2 + row * PITCH + 2, n.y - n.h / 2 - 7 - column * PITCH, SQUARE, SQUARE);
                else c.fillRect(n.x - n.w / 2 - 7 - column * PITCH, n.y + n.h / 2 - 7 - row * PITCH, SQUARE, SQUARE);
            }
        }
        if (replay && t !== null && !still.value) {
            const travel = replay.visits.length / 60 * Math.max(.2, speed.value) * .9;
            c.fillStyle = accent;
            const { every } = replay.moving(travel, MOST, (k, progress) => {
                const edge = replay.visits.edges[k]!, way = ways.get(`${edge.from ?? ''}\n${edge.to}`);
                if (!way) return;
                const steps = way.length / 2 - 1, f = progress * steps, i = Math.min(steps - 1, Math.floor(f)), u = f - i;
                const x = way[2 * i]! * (1 - u) + way[2 * i + 2]! * u, y = way[2 * i + 1]! * (1 - u) + way[2 * i + 3]! * u;
                c.fillRect(x - 2, y - 2, 4, 4);
            });
            shownEvery.value = every * replay.visits.every;
        }
    };
    useEffect(draw, [laid, edges, measure, map, flow, replay, at.value, theme.value, still.value, width, height]);
    useEffect(() => {
        if (!playing.value || !replay) return;
        let frame = 0, last = performance.now();
        const step = (time: number): void => {
            const next = (at.peek() ?? 0) + (time - last) / 60000 * speed.peek();
            last = time;
            if (next >= 1) { playing.value = false; at.value = null; return; }
            at.value = next;
            frame = requestAnimationFrame(step);
        };
        frame = requestAnimationFrame(step);
        return () => cancelAnimationFrame(frame);
    }, [playing.value, replay]);

    useEffect(() => { box.current?.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }, [props.chosen, laid]);
    const middle = (points: Point[]): Point => { const w = walk(points, 20); return { x: w[18]!, y: w[19]! }; }; // the pile stands near its end
    const labelled = new Set([...edges].sort((a, b) => measureOf(b, measure) - measureOf(a, measure)).slice(0, 14));
    return <div class={'flowmap' + (narrow ? ' narrow' : '')} ref={box} tabIndex={0} role="region" aria-label="Map of the flow; the stages are buttons">
        <div class="flowmap-inner" style={{ width: width + 'px', height: height + 'px' }}>
            <canvas ref={canvas} aria-hidden="true" style={{ width: width + 'px', height: height + 'px' }} />
            {laid.edges.map((e, i) => {
                const edge = edges.find(x => x.from === e.from && x.to === e.to)!;
                if (!labelled.has(edge)) return null;
                const p = middle(lines[i]!);
                return <button type="button" class="edge-label" key={`${e.from}\n${e.to}`} style={{ left: p.x + PAD.x + 'px', top: p.y + PAD.y + 'px' }} title={`${e.from} → ${e.to}`}
                    onClick={() => props.chooseEdge(edge)}><span class="sr">{e.from} to {e.to}: </span>{measureText(edge, measure)}</button>;
            })}
            {laid.nodes.map(n => {
                const s = stage.get(n.name)!, bad = n.name === props.constraint, whole = s.time?.sum ?? 0, top = Math.max(1, ...map.stages.map(x => x.time?.sum ?? 0));
                const w = wipOf(s);
                return <button type="button" key={n.name} class={'node' + (bad ? ' bad' : '')} aria-pressed={props.chosen === n.name} onClick={() => props.choose(n.name)}
                    style={{ left: n.x - n.w / 2 + PAD.x + 'px', top: n.y - n.h / 2 + PAD.y + 'px', width: n.w + 'px', height: n.h + 'px' }} title={n.name}>
                    <span class="node-name">{bad && <b class="bad"><span aria-hidden="true">▲ </span><span class="sr">Constraint: </span></b>}{cut(n.name, 15)}</span>
                    <span class="node-wip"><b>{count(w)}</b> in it</span>
                    <span class="node-time">{s.time ? <><span class="sr">median stay </span>{lapse(s.time.p50)} · <span class="sr">85 % within </span>{lapse(s.time.p85)}</> : '–'}</span>
                    <StageBar wait={s.wait?.sum ?? null} work={s.work?.sum ?? null} whole={whole} most={top} waits={WAITS.has(s.category)} />
                </button>;
            })}
        </div>
        {shownEvery.value > 1 && <p class="hint">1 in {shownEvery.value} shown</p>}
    </div>;
}

/** One square of a pile stands for so many items. */
export function pileUnit(map: MapDoc, flow?: FlowDoc): number {
    const most = Math.max(1, ...map.stages.map(s => s.wip_now), ...(flow?.stages.flatMap(s => s.wip) ?? []));
    return [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find(u => most / u <= 5 * COLUMN) ?? Math.ceil(most / 70);
}

export function Player(props: { visits?: Visits; playing: Signal<boolean>; at: Signal<number | null>; speed: Signal<number>; loading: boolean; start: () => void }) {
    const { visits, playing, at, speed } = props;
    const time = visits ? new Date((visits.zero + (at.value ?? 1) * visits.length) * 1000) : null;
    return <div class="player" role="group" aria-label="Play the flow">
        {!still.value && <button type="button" class="primary" disabled={props.loading} onClick={() => {
            if (!visits) { props.start(); return; }
            if (at.value === null || at.value >= 1) at.value = 0;
            playing.value = !playing.value;
        }}>{props.loading ? 'Reading …' : playing.value ? '❚❚ Pause' : '▶ Play'}</button>}
        <input type="range" min={0} max={1000} step={1} value={Math.round((at.value ?? 1) * 1000)} aria-label="Instant" aria-valuetext={time ? minute(time) : 'end of the log'}
            onPointerDown={() => { if (!visits) props.start(); }} onFocus={() => { if (!visits) props.start(); }}
            onInput={e => { playing.value = false; const v = Number(e.currentTarget.value); at.value = v >= 1000 ? null : v / 1000; }} />
        <span class="player-time">{time ? minute(time) : 'end of the log'}</span>
        {!still.value && <label class="pick"><span class="sr">Speed</span><select value={String(speed.value)} onChange={e => { speed.value = Number(e.currentTarget.value); }}>
            {[.1, .25, .5, 1, 2, 5, 10].map(x => <option key={x} value={String(x)}>{x}×</option>)}</select></label>}
    </div>;
}
