import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';

const { readVisits } = await import('../../src/doc.ts');
const { Replay } = await import('../../src/chart/replay.ts');

function bytesOf(rows, edges) {
    const head = { schema: 'weir.visits/1', n: rows.length, visits: rows.length, every: 1, edges, range: { from: '2026-01-01T00:00:00.000000Z', to: '2026-01-01T01:00:00.000000Z' }, excluded: {}, notes: [] };
    let line = JSON.stringify(head);
    while ((line.length + 1) % 4) line += ' ';
    const text = new TextEncoder().encode(line + '\n'), out = new Uint8Array(text.length + 9 * rows.length), view = new DataView(out.buffer);
    out.set(text);
    rows.forEach(([b, e, k], i) => { view.setFloat32(text.length + 4 * i, b, true); view.setFloat32(text.length + 4 * (rows.length + i), e, true); out[text.length + 8 * rows.length + i] = k; });
    return out.buffer;
}
const EDGES = [{ from: null, to: 'dev', count: 2 }, { from: 'dev', to: 'qa', count: 1 }];
const ROWS = [[0, 600, 0], [100, 1000, 0], [600, Infinity, 1]];

test('the bytes come back as rows', () => {
    const v = readVisits(bytesOf(ROWS, EDGES));
    assert.deepEqual([v.n, v.length, v.zero], [3, 3600, Date.parse('2026-01-01') / 1000]);
    assert.deepEqual([...v.begin], [0, 100, 600]);
    assert.deepEqual([...v.end], [600, 1000, Infinity]);
    assert.deepEqual([...v.edge], [0, 0, 1]);
});
test('bytes that are cut off are refused', () => {
    assert.throws(() => readVisits(bytesOf(ROWS, EDGES).slice(0, -1)), /announced/);
    assert.throws(() => readVisits(new ArrayBuffer(4)), /header/);
});
test('a replay holds what the visits say, forwards and backwards', () => {
    const r = new Replay(readVisits(bytesOf(ROWS, EDGES))), held = t => { r.seek(t); return Object.fromEntries(r.stages.map((s, i) => [s, r.held[i]])); };
    assert.deepEqual(held(50), { dev: 1, qa: 0 });
    assert.deepEqual(held(300), { dev: 2, qa: 0 });
    assert.deepEqual(held(700), { dev: 1, qa: 1 });
    assert.deepEqual(held(3600), { dev: 0, qa: 1 });
    assert.deepEqual(held(50), { dev: 1, qa: 0 });
});
test('what moves is sampled evenly above the limit', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [10 + i / 100, 3000, 0]), r = new Replay(readVisits(bytesOf(rows, EDGES)));
    r.seek(5);
    let n = 0;
    const { shown, every } = r.moving(100, 100, (edge, progress) => { n++; assert.ok(edge === 0 && progress > 0 && progress <= 1); });
    assert.deepEqual([shown, every, n], [100, 10, 100]);
});
