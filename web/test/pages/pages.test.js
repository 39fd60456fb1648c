// Every page, in light and dark, wide and narrow, over the real program: no error, accessible, and its sentence is the
// one that the command prints.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import '../unit/hook.js';
import { PLANTED } from './fixture.js';
import { accessible, missing, open, picture, settled, visit } from './setup.js';

const skip = missing;
let world;
before(async () => { if (!skip) world = await open(); });
after(async () => { await world?.close(); });

const sentence = (...words) => w => w.weir(words[0], ...words.slice(1)).sentence;
const reason = store => w => w.weir(store, 'constraint').reason;
const PAGES = [
    ['shop', 'map', reason('shop')], ['shop', 'constraint', reason('shop')], ['git', 'map', reason('git')], ['git', 'constraint', reason('git')],
    ['shop', 'items', sentence('shop', 'items', '--aging')], ['shop', 'items?show=finished', sentence('shop', 'items', '--slow')],
    ['shop', 'items/SHOP-20', sentence('shop', 'item', 'SHOP-20')], ['shop', 'delivery', sentence('shop', 'metrics')], ['git', 'delivery', sentence('git', 'metrics')],
    ['shop', 'sources', null], ['shop', 'first', null], ['shop', 'whatif', null], ['shop', 'feedback', null], ['shop', 'experiments', null], ['shop', 'people', null], ['shop', 'nonsense', null],
];

for (const [store, hash, expected] of PAGES) test(`${store} ${hash}`, { skip }, async () => {
    for (const width of [1280, 390]) {
        const { page, errors, close } = await visit(world, store, hash, { width });
        for (const scheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme: scheme });
            await settled(page);
            const said = await page.textContent('[data-verdict]'), what = `${hash} ${scheme} ${width}`;
            if (expected) assert.equal(said, expected(world));
            assert.ok(said.trim().length > 10, 'a page opens with a sentence');
            assert.equal(await page.locator('.next code').count(), 1, 'and with one next step');
            await accessible(page, what);
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} does not scroll sideways`);
            assert.ok(!(await page.textContent('body')).includes(PLANTED.split(' ')[1]), 'no person is named');
            await picture(page, `${store}-${hash.replace(/\W+/g, '-')}-${scheme}-${width}`);
        }
        assert.deepEqual(errors, []);
        await close();
    }
});

test('the verdict of too few items is an answer, not an error', { skip }, async () => {
    const { page, errors, close } = await visit(world, 'few', 'constraint');
    await settled(page);
    assert.equal(world.weir('few', 'constraint').verdict, 'too_few');
    assert.equal(await page.textContent('[data-verdict]'), world.weir('few', 'constraint').reason);
    assert.equal(await page.locator('[data-state=error]').count(), 0);
    await accessible(page, 'too few');
    await picture(page, 'few-constraint');
    assert.deepEqual(errors, []);
    await close();
});

test('loading, no rows and error look different', { skip }, async () => {
    const states = async page => page.evaluate(() => [...document.querySelectorAll('[data-state]')].map(e => e.dataset.state));
    for (const hash of ['map', 'constraint', 'items', 'delivery', 'sources', 'items/SHOP-20']) {
        const slow = await visit(world, 'shop', hash, { before: page => page.route('**/api/v1/**', async route => { await new Promise(r => setTimeout(r, 1500)); await route.continue().catch(() => {}); }) });
        await slow.page.waitForSelector('[data-state=loading].late');
        assert.ok(!(await states(slow.page)).includes('error'), hash);
        await accessible(slow.page, `${hash} loading`);
        await slow.close();
        const bad = await visit(world, 'missing', hash);
        await bad.page.waitForSelector('[data-state=error]');
        assert.match(await bad.page.textContent('[data-state=error]'), /there is no store/, hash);
        assert.match(await bad.page.textContent('[data-state=error]'), /Import something first/, 'the engine\'s own hint');
        await accessible(bad.page, `${hash} error`);
        await picture(bad.page, `missing-${hash.replace(/\W+/g, '-')}`);
        await bad.close();
    }
    for (const hash of ['map', 'constraint', 'items', 'sources']) {
        const none = await visit(world, 'empty', hash);
        await none.page.waitForSelector('[data-state=empty]');
        await settled(none.page);
        assert.deepEqual([...new Set(await states(none.page))], ['empty'], hash);
        await accessible(none.page, `${hash} empty`);
        await picture(none.page, `empty-${hash}`);
        assert.deepEqual(none.errors, []);
        await none.close();
    }
});

test('a broken server, half an answer, and a lost connection', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map', { before: async page => {
        await page.route('**/api/v1/flow*', route => route.fulfill({ status: 200, contentType: 'application/json', body: '{"schema":"weir.fl' }));
        await page.route('**/api/v1/constraint*', route => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"title":"Try again","detail":"the store is busy","hint":"in a moment"}' }));
        await page.route('**/api/v1/live', route => route.abort());
    } });
    await settled(page);
    assert.match(await page.textContent('body'), /Try again/);
    assert.ok(await page.locator('.node').count() > 3, 'the map is there all the same');
    assert.match(await page.textContent('.lost'), /Connection lost/);
    await close();
});

test('numbers are those of the command', { skip }, async () => {
    const f = await import('../../src/format.ts');
    for (const query of ['', '?last=60d&to=2026-06-01T00:00:00Z', '?clock=work']) {
        const { page, close } = await visit(world, 'shop', 'map' + query);
        await settled(page);
        const words = query.includes('last') ? ['--last', '60d', '--to', '2026-06-01T00:00:00Z'] : query.includes('work') ? ['--clock', 'work'] : [];
        const map = world.weir('shop', 'map', ...words), constraint = world.weir('shop', 'constraint', ...words);
        const rows = await page.$$eval('section[aria-labelledby=card-stages] tbody tr', trs => trs.map(tr => [...tr.children].map(td => td.textContent.replace('▲ ', ''))));
        for (const s of map.stages) {
            const row = rows.find(r => r[0] === s.name), lead = constraint.stages.find(x => x.stage === s.name)?.share_of_lead;
            assert.deepEqual([row[1], row[2], row[3], row[4], row[7], row[8], row[9]], [f.count(s.wip_now), f.plain(s.wip), f.lapse(s.time?.p50), f.lapse(s.time?.p85), f.share(lead), f.count(s.visits), f.count(s.rework_visits)], s.name + query);
            const node = page.locator('.node', { has: page.locator(`.node-name:text-is("${s.name}"), .node-name:text-is("▲ Constraint: ${s.name}")`) });
            if (await node.count() > 0) assert.ok((await node.first().textContent()).includes(`${f.count(s.wip_now)} in it`), `the map shows what the table shows of ${s.name}`);
        }
        await close();
    }
    const items = world.weir('shop', 'items', '--aging', '--limit', '100'), { page, close } = await visit(world, 'shop', 'items');
    await settled(page);
    const first = await page.$$eval('section[aria-labelledby=card-list] tbody tr:not([aria-hidden])', trs => trs.slice(0, 8).map(tr => [...tr.children].map(td => td.textContent)));
    assert.deepEqual(first.map(r => [r[0], r[5]]), items.items.slice(0, 8).map(i => [i.id, f.lapse(i.age_s)]));
    await close();
});

test('a number explains itself, and gives the line that prints it', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'delivery?clock=work');
    await settled(page);
    await page.locator('.metric-value .num').first().focus();
    await page.keyboard.press('Enter');
    const text = await page.textContent('dialog.drawer[open]');
    for (const word of ['Rests on', 'Coverage', 'Rule', 'Left out', 'weir metrics --clock work']) assert.ok(text.includes(word), word);
    await accessible(page, 'explanation');
    await picture(page, 'explain');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog.drawer[open]').count(), 0);
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains('num')), 'the focus comes back');
    await close();
});

test('the first route is small and asks little', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map');
    await settled(page);
    await page.waitForTimeout(600);
    const all = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).map(e => ({ name: e.name, bytes: e.encodedBodySize, type: e.initiatorType })));
    const js = all.filter(e => e.name.endsWith('.js')), css = all.filter(e => e.name.endsWith('.css')), sum = list => list.reduce((n, e) => n + e.bytes, 0);
    assert.ok(sum(js) > 20000 && sum(js) <= 80 * 1024, `JavaScript: ${sum(js)} bytes`);
    assert.ok(sum(css) <= 10 * 1024, `CSS: ${sum(css)} bytes`);
    assert.ok(all.every(e => e.name.startsWith(world.servers.shop.url)), 'one origin');
    const html = await (await page.request.get(world.servers.shop.url)).text();
    assert.ok(1 + [...html.matchAll(/(src|href)="\.\/assets/g)].length <= 5, 'requests to first paint');
    await close();
});
