// The colours of the style sheet: contrast (WCAG AA) and how far apart the series are, in both themes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart, contrast } from '../../tool/colour.js';
import { themes, tokensCss } from '../../tool/tokens.js';

for (const [name, t] of Object.entries(themes())) {
    test(`${name}: text has contrast 4.5, graphics 3.0, on page and card`, () => {
        for (const k of ['ink', 'ink2', 'ink3', 'accent', 'wait', 'bad', 'good', 'warn', 'control', 'focus'])
            for (const on of ['bg', 'panel']) {
                const need = k === 'control' || k === 'focus' ? 3 : 4.5;
                assert.ok(contrast(t[k], t[on]) >= need, `${k} on ${on}: ${contrast(t[k], t[on]).toFixed(2)} < ${need}`);
            }
        assert.ok(contrast(t.accentInk, t.accent) >= 4.5);
    });
    test(`${name}: series stand out from the card and from each other in every vision`, () => {
        assert.equal(t.series.length, 6);
        for (const [i, a] of t.series.entries()) {
            assert.ok(contrast(a, t.panel) >= 3, a);
            for (const b of t.series.slice(i + 1)) assert.ok(apart(a, b) >= 15, `${a} and ${b}: ${apart(a, b).toFixed(1)}`);
        }
    });
}

test('the arithmetic agrees with known values', () => {
    assert.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00');
    assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48'); // the grey that just fails
    assert.equal(apart('#123456', '#123456'), 0);
    assert.ok(apart('#d62728', '#2ca02c') < apart('#0b63ce', '#b34700'), 'red and green are nearer for some eyes than blue and orange');
});

test('the style sheet holds every token of both themes', () => {
    const css = tokensCss();
    for (const t of Object.values(themes())) for (const [k, v] of Object.entries(t)) for (const one of [v].flat()) assert.ok(css.includes(`${one};`), k);
});
