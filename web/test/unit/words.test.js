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

test('every document tells the line that prints it', async () => {
    const { commandLine } = await import('../../src/api.ts');
    assert.equal(commandLine('map', [['last', '90d'], ['to', '2026-08-22T14:18:50Z']]), 'weir map --last 90d --to 2026-08-22T14:18:50Z');
    assert.equal(commandLine('items', [['aging', ''], ['limit', '100']]), 'weir items --aging --limit 100');
    assert.equal(commandLine('item/ab%2Fbundle', [['where', 'team=it\'s ours']]), "weir item --where 'team=it'\\''s ours' ab/bundle");
    assert.equal(commandLine('visits', []), 'weir flow --visits');
});
test('a next step leads to its page', async () => {
    const { pageOf } = await import('../../src/part/verdict.tsx');
    assert.equal(pageOf('weir items --stage "Ready for \\"test\\""'), '#/items?stage=Ready+for+%22test%22');
    assert.equal(pageOf("weir item '#22052' --where type=change"), '#/items/%2322052?where=type%3Dchange');
    assert.equal(pageOf('weir map'), '#/map');
    assert.equal(pageOf('weir constraint --explain'), '#/constraint');
    assert.equal(pageOf('git push'), undefined);
});
