import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';

const { layOut, smooth, walk } = await import('../../src/chart/layout.ts');
const { stageOrder, thinned, usualStages } = await import('../../src/chart/order.ts');
const SIZE = { w: 146, h: 82, rank: 62, gap: 22 };
const stages = ['review', 'soak', 'train', 'distributor', 'packaged', 'discarded'];
const edges = [['review', 'soak'], ['soak', 'train'], ['train', 'distributor'], ['distributor', 'packaged'], ['review', 'train'], ['review', 'discarded'], ['soak', 'review'], ['train', 'review']].map(([from, to], i) => ({ from, to, count: 100 - i, items: 1 }));

function shuffled(list, seed) { // a small generator: the same every time
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) { seed = (seed * 1103515245 + 12345) % 2147483648; const k = seed % (i + 1); [out[i], out[k]] = [out[k], out[i]]; }
    return out;
}

test('the same map gives the same picture, in whatever order its edges come', () => {
    const first = layOut(stages, edges, SIZE, false);
    for (let seed = 1; seed < 20; seed++) assert.deepEqual(layOut(stages, shuffled(edges, seed), SIZE, false), first);
});
test('forward edges go right (or down), edges back lie below', () => {
    for (const down of [false, true]) {
        const l = layOut(stages, edges, SIZE, down), at = Object.fromEntries(l.nodes.map(n => [n.name, n])), floor = Math.max(...l.nodes.map(n => down ? n.x + n.w / 2 : n.y + n.h / 2));
        for (const e of l.edges) {
            if (!e.back) assert.ok(down ? at[e.from].y < at[e.to].y : at[e.from].x < at[e.to].x, `${e.from} → ${e.to}`);
            else assert.ok(Math.max(...e.points.map(p => down ? p.x : p.y)) > floor);
            for (const p of e.points) assert.ok(p.x >= 0 && p.y >= 0 && p.x <= l.width && p.y <= l.height && isFinite(p.x + p.y));
        }
        for (const [i, a] of l.nodes.entries()) for (const b of l.nodes.slice(i + 1)) // no two overlap
            assert.ok(Math.abs(a.x - b.x) >= a.w || Math.abs(a.y - b.y) >= a.h, `${a.name} and ${b.name}`);
    }
});
test('a line is smoothed between its ends and walked evenly', () => {
    const line = smooth([{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 100 }]), w = walk(line, 10);
    assert.deepEqual([w[0], w[1], w[20], w[21]], [0, 0, 100, 100]);
    const steps = Array.from({ length: 10 }, (_, i) => Math.hypot(w[2 * i + 2] - w[2 * i], w[2 * i + 3] - w[2 * i + 1]));
    assert.ok(Math.max(...steps) / Math.min(...steps) < 1.5);
});
test('an empty map, a lone stage and a self-loop are no trouble', () => {
    assert.deepEqual(layOut([], [], SIZE, false).nodes, []);
    assert.equal(layOut(['a'], [{ from: 'a', to: 'a' }], SIZE, false).edges.length, 0);
});

const stage = (name, visits) => ({ name, visits });
test('the order told stands; a log without one is ordered by its ways', () => {
    const told = { stages: [stage('a', 9), stage('b', 9)], edges: [{ from: 'a', to: 'b', count: 9 }], variants: { top: [{ path: ['a', 'b'], items: 9 }] } };
    assert.deepEqual(stageOrder(told), ['a', 'b']);
    assert.deepEqual(stageOrder({ ...told, stages: [stage('b', 9), stage('a', 9)] }), ['a', 'b']);
});
test('thinning keeps the way in and out of every stage', () => {
    const map = { stages: stages.map((s, i) => stage(s, 100 - i)), edges, variants: { top: [] } };
    const few = thinned(map, stages, 6, 1);
    for (const s of stages.slice(1)) assert.ok(few.edges.some(e => e.to === s), s);
    assert.deepEqual(thinned(map, stages, 2, 9).stages, ['review', 'soak']);
    assert.ok(usualStages({ ...map, stages: [...Array(30)].map((_, i) => stage('s' + i, i === 29 ? 1 : 1000)) }, 's29') === 30, 'the constraint is always shown');
});
