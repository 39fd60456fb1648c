import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';

const t = await import('../../src/ticks.ts');
const at = iso => Date.parse(iso) / 1000;

test('linear ticks are round, inside, and about as many as wanted', () => {
    assert.deepEqual(t.linearTicks(0, 10), [0, 2, 4, 6, 8, 10]);
    assert.deepEqual(t.linearTicks(-1, 1, 4), [-1, -.5, 0, .5, 1]);
    assert.deepEqual(t.linearTicks(5, 5), [5]);
    assert.deepEqual(t.linearTicks(0, Infinity), [0]);
    for (let k = 0; k < 200; k++) {
        const low = Math.sin(k) * 10 ** (k % 9 - 4), high = low + 10 ** (k % 7 - 3) * (1 + k % 5), ticks = t.linearTicks(low, high, 5);
        assert.ok(ticks.length >= 2 && ticks.length <= 11, `${ticks.length} ticks`);
        assert.ok(ticks.every(x => x >= low - 1e-9 * Math.abs(low) - 1e-12 && x <= high + 1e-6 * Math.abs(high)));
    }
});
test('time ticks: years, months, days, hours', () => {
    assert.deepEqual(t.timeTicks(at('2007-11-11'), at('2026-08-20'), 4).map(x => x.text), ['2010', '2015', '2020', '2025']);
    assert.deepEqual(t.timeTicks(at('2026-01-15'), at('2026-06-10'), 6).map(x => x.text), ['Feb 2026', 'Mar 2026', 'Apr 2026', 'May 2026', 'Jun 2026']);
    assert.deepEqual(t.timeTicks(at('2026-03-01'), at('2026-03-04'), 6).map(x => x.text), ['1 Mar', '2 Mar', '3 Mar', '4 Mar']);
    assert.deepEqual(t.timeTicks(at('2026-03-01T10:00Z'), at('2026-03-01T13:00Z'), 4).map(x => x.text), ['10:00', '11:00', '12:00', '13:00']);
    assert.deepEqual(t.timeTicks(5, 5), []);
    for (let k = 0; k < 80; k++) {
        const span = 60 * 1.35 ** k, ticks = t.timeTicks(at('2020-02-29'), at('2020-02-29') + span, 6);
        assert.ok(ticks.length <= 8, `${ticks.length} ticks in ${span} s`);
        assert.equal(new Set(ticks.map(x => x.t)).size, ticks.length);
    }
});
test('logarithmic ticks of durations', () => {
    assert.deepEqual(t.lapseTicks(3600, 40 * 86400), [3600, 21600, 86400, 604800, 2592000]);
    assert.deepEqual(t.lapseTicks(86400, 30 * 86400), [1, 2, 4, 7, 14, 30].map(d => d * 86400));
    assert.ok(t.lapseTicks(.001, 1e9).length <= 8);
    assert.deepEqual(t.lapseSteps(86400 * 4), [0, 86400, 172800, 259200, 345600]);
});
