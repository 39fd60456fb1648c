import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';

const u = await import('../../src/url.ts');

test('an address comes back as it was', () => {
    for (const place of [{ page: 'map', arg: '', query: [] }, { page: 'items', arg: 'ab/bundle', query: [['last', '90d']] }, { page: 'items', arg: '#22052 50%', query: [['where', 'type=change'], ['where', 'team=a&b'], ['slow', '']] }])
        assert.deepEqual(u.parsePlace(u.printPlace(place)), place);
});
test('the home is the map; a stray % does no harm', () => {
    assert.equal(u.parsePlace('').page, 'map');
    assert.equal(u.parsePlace('#/').page, 'map');
    assert.equal(u.parsePlace('#/items/100%').arg, '100%');
});
test('changing keys keeps the others and their order', () => {
    assert.deepEqual(u.changed([['a', '1'], ['where', 'x=1'], ['where', 'y=2'], ['b', '2']], { a: undefined, b: '3' }), [['where', 'x=1'], ['where', 'y=2'], ['b', '3']]);
});
test('a copied link names instants', () => {
    const now = new Date('2026-11-25T00:00:00Z');
    assert.deepEqual(u.absolute([['last', '90d'], ['stage', 'qa']], now), [['stage', 'qa'], ['from', '2026-08-27T00:00:00.000Z'], ['to', '2026-11-25T00:00:00.000Z']]);
    assert.deepEqual(u.absolute([['to', '2026-08-22T00:00:00Z'], ['last', '24h']], now), [['from', '2026-08-21T00:00:00.000Z'], ['to', '2026-08-22T00:00:00.000Z']]);
    assert.deepEqual(u.absolute([['from', '2026-01-01']], now), [['from', '2026-01-01']]);
    assert.deepEqual(u.absolute([['last', 'soon']], now), [['last', 'soon']]);
});
test('only the scope goes along to another page', () => {
    assert.deepEqual(u.scopeOf([['last', '90d'], ['stage', 'qa'], ['where', 'team=a']]), [['last', '90d'], ['where', 'team=a']]);
});
