// Addresses of documents, the lines that print them, and the way from a line to its page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './hook.js';
import { wordsOf } from '../../tool/serve.js';

const url = text => new URL(text, 'http://localhost/');

test('the development server runs what is asked, and nothing else', () => {
    assert.deepEqual(wordsOf(url('/api/v1/map')), ['map', '--json']);
    assert.deepEqual(wordsOf(url('/api/v1/items?aging=&limit=50')), ['items', '--json', '--aging', '--limit=50']);
    assert.deepEqual(wordsOf(url('/api/v1/item/ab%2Fbundle?where=type%3Dcase')), ['item', '--json', '--where=type=case', '--', 'ab/bundle']);
    assert.deepEqual(wordsOf(url('/api/v1/item/--help')), ['item', '--json', '--', '--help']);
    assert.deepEqual(wordsOf(url('/api/v1/report')), ['--json']);
    assert.deepEqual(wordsOf(url('/api/v1/visits?limit=9')), ['flow', '--visits', '--limit=9']);
    for (const bad of ['/api/v1/sql', '/api/v1/import', '/api/v1/map?store=%2Fetc%2Fpasswd', '/api/v1/map?config=x', '/api/v1/map?C=x', '/api/v1/map?--x=1']) assert.equal(wordsOf(url(bad)), undefined, bad);
});
