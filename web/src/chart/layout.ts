// Where the map's nodes and edges lie: dagre over the edges that go forward; edges that go back are arcs below (beside,
// when the map runs from top to bottom). The same input gives the same picture, whatever order it comes in.
import { Graph, layout as dagre } from '@dagrejs/dagre';

export interface Point { x: number; y: number; }
export interface Laid {
    width: number; height: number; down: boolean;
    nodes: { name: string; x: number; y: number; w: number; h: number }[]; // x, y: the middle
    edges: { from: string; to: string; back: boolean; points: Point[] }[];
}
export interface Size { w: number; h: number; rank: number; gap: number; }

export function layOut(stages: string[], edges: { from: string; to: string }[], size: Size, down: boolean): Laid {
    const at = new Map(stages.map((name, i) => [name, i]));
    const sorted = [...edges].filter(e => at.has(e.from) && at.has(e.to) && e.from !== e.to)
        .sort((a, b) => at.get(a.from)! - at.get(b.from)! || at.get(a.to)! - at.get(b.to)!);
    const g = new Graph({ multigraph: false, compound: false });
    g.setGraph({ rankdir: down ? 'TB' : 'LR', nodesep: size.gap, ranksep: size.rank, marginx: 0, marginy: 0 });
    g.setDefaultEdgeLabel(() => ({}));
    for (const name of stages) g.setNode(name, { width: size.w, height: size.h });
    for (const e of sorted) if (at.get(e.from)! < at.get(e.to)!) g.setEdge(e.from, e.to, { weight: at.get(e.to)! - at.get(e.from)! === 1 ? 4 : 1, minlen: 1 });
    dagre(g);
    const nodes = stages.map(name => { const n = g.node(name) as unknown as Point; return { name, x: n.x, y: n.y, w: size.w, h: size.h }; });
    const node = new Map(nodes.map(n => [n.name, n]));
    let height = Math.max(...nodes.map(n => n.y + n.h / 2), 0), width = Math.max(...nodes.map(n => n.x + n.w / 2), 0), left = 0, top = 0;
    let lane = 0;
    const laid = sorted.map(e => {
        const a = node.get(e.from)!, b = node.get(e.to)!;
        if (at.get(e.from)! < at.get(e.to)!) {
            const points = (g.edge(e.from, e.to) as unknown as { points: Point[] }).points.map(p => ({ x: p.x, y: p.y }));
            for (const p of points) { left = Math.min(left, p.x); top = Math.min(top, p.y); width = Math.max(width, p.x); height = Math.max(height, p.y); }
            return { from: e.from, to: e.to, back: false, points };
        }
        lane++;
        return { from: e.from, to: e.to, back: true, points: arc(a, b, down, lane) };
    });
    const floor = down ? Math.max(...nodes.map(n => n.x + n.w / 2), 0) : Math.max(...nodes.map(n => n.y + n.h / 2), 0);
    for (const e of laid) if (e.back) for (const p of e.points) {
        // the arcs hang below everything that stands between their ends
        if (down) { if (p.x > 1e6) p.x = floor + (p.x - 2e6); } else if (p.y > 1e6) p.y = floor + (p.y - 2e6);
        width = Math.max(width, p.x);
        height = Math.max(height, p.y);
    }
    for (const n of nodes) { n.x -= left; n.y -= top; }
    for (const e of laid) for (const p of e.points) { p.x -= left; p.y -= top; }
    return { width: width - left, height: height - top, down, nodes, edges: laid };
}

/** Out of the side that no forward edge uses, along a lane of its own, and in again. 2e6 + d: d beyond the nodes. */
function arc(a: { x: number; y: number; w: number; h: number }, b: typeof a, down: boolean, lane: number): Point[] {
    const depth = 2e6 + 12 + 9 * Math.min(lane, 8);
    return down
        ? [{ x: a.x + a.w / 2, y: a.y + 8 }, { x: depth, y: a.y + 8 }, { x: depth, y: b.y - 8 }, { x: b.x + b.w / 2, y: b.y - 8 }]
        : [{ x: a.x - 12, y: a.y + a.h / 2 }, { x: a.x - 12, y: depth }, { x: b.x + 12, y: depth }, { x: b.x + 12, y: b.y + b.h / 2 }];
}

/** A line through the points with round corners, as short straight pieces: for drawing and for walking along. */
export function smooth(points: Point[], radius = 14): Point[] {
    if (points.length < 3) return points;
    const out: Point[] = [points[0]!];
    for (let i = 1; i < points.length - 1; i++) {
        const a = points[i - 1]!, p = points[i]!, b = points[i + 1]!;
        const la = Math.hypot(p.x - a.x, p.y - a.y), lb = Math.hypot(b.x - p.x, b.y - p.y), r = Math.min(radius, la / 2, lb / 2);
        if (r < 1) { out.push(p); continue; }
        const s = { x: p.x + (a.x - p.x) * r / la, y: p.y + (a.y - p.y) * r / la }, e = { x: p.x + (b.x - p.x) * r / lb, y: p.y + (b.y - p.y) * r / lb };
        for (let k = 0; k <= 6; k++) {
            const t = k / 6, u = 1 - t;
            out.push({ x: u * u * s.x + 2 * u * t * p.x + t * t * e.x, y: u * u * s.y + 2 * u * t * p.y + t * t * e.y });
        }
    }
    out.push(points.at(-1)!);
    return out;
}

/** Points at even steps along a line, for tokens: one look-up instead of a search. */
export function walk(points: Point[], steps = 32): Float32Array {
    const length = [0];
    for (let i = 1; i < points.length; i++) length.push(length[i - 1]! + Math.hypot(points[i]!.x - points[i - 1]!.x, points[i]!.y - points[i - 1]!.y));
    const out = new Float32Array(2 * (steps + 1)), whole = length.at(-1)! || 1;
    for (let k = 0, i = 1; k <= steps; k++) {
        const d = whole * k / steps;
        while (i < points.length - 1 && length[i]! < d) i++;
        const a = points[i - 1]!, b = points[i] ?? a, span = length[i]! - length[i - 1]! || 1, t = (d - length[i - 1]!) / span;
        out[2 * k] = a.x + (b.x - a.x) * t;
        out[2 * k + 1] = a.y + (b.y - a.y) * t;
    }
    return out;
}
