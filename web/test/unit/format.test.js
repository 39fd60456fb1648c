import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';

const f = await import('../../src/format.ts');
const DAY = 86400;

test('durations read as on the command line', () => {
    for (const [s, text] of [[null, '–'], [0, '0s'], [.0004, '0.40ms'], [.025, '25ms'], [.3, '0.3s'], [41, '41s'], [720, '12min'], [6.3 * 3600, '6.3h'],
        [DAY, '1.0d'], [27.4 * DAY, '27.4d'], [99.94 * DAY, '99.9d'], [99.96 * DAY, '100d'], [6589 * DAY, '6,589d'], [-DAY, '−1.0d'], [59.6, '1min'], [3599, '1.0h']])
        assert.equal(f.lapse(s), text);
});
test('shares never round to none or all', () => {
    for (const [x, text] of [[0, '0 %'], [1, '100 %'], [.0004, '< 0.1 %'], [.99999, '> 99.9 %'], [.096, '9.6 %'], [.834, '83 %'], [.998, '99.8 %']]) assert.equal(f.share(x), text);
});
test('numbers have at most three digits that matter', () => {
    for (const [x, text] of [[0, '0'], [117.456, '117'], [12.51, '12.5'], [4.0558, '4.06'], [.0033, '0.0033'], [-.0594, '−0.059'], [13211, '13,211']]) assert.equal(f.plain(x), text);
});
test('metrics read in their unit', () => {
    assert.equal(f.measure(.0214, 'per_day'), '0.65 a month');
    assert.equal(f.measure(2.5, 'per_day'), '2.50 a day');
    assert.equal(f.measure(.1964, 'ratio'), '20 %');
    assert.equal(f.measure(7340195, 's'), '85.0d');
    assert.equal(f.measure(null, 's'), '–');
});
test('instants show in UTC where it is asked for', () => {
    assert.equal(f.minute('2026-08-22T14:18:50.000000Z', 'UTC'), '2026-08-22 14:18');
    assert.equal(f.utc('2026-08-22T14:18:50.000000Z'), '2026-08-22 14:18:50 UTC');
    assert.equal(f.date('no date', 'UTC'), 'no date');
});
test('names are cut in the middle, by characters', () => {
    assert.equal(f.cut('abcdefghij', 5), 'ab…ij');
    assert.equal(f.cut('短い名前です', 5), '短い…です');
    assert.equal(f.cut('short', 5), 'short');
});
