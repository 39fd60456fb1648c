// The keyboard reaches everything, and the address holds all state.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, missing, open, picture, settled, visit } from './setup.js';

const skip = missing;
let world;
before(async () => { if (!skip) world = await open(); });
after(async () => { await world?.close(); });
const hash = page => page.evaluate(() => location.hash);

test('Tab reaches the pages, every stage of the map and the table', { skip }, async () => {
    const { page, errors, close } = await visit(world, 'shop', 'map');
    await settled(page);
    const nodes = await page.locator('.node').count(), seen = new Set(), order = [];
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    for (let i = 0; i < 120; i++) {
        const at = await page.evaluate(() => {
            const e = document.activeElement, r = e.getBoundingClientRect(), style = getComputedStyle(e);
            return { text: e.textContent.slice(0, 30), node: e.classList.contains('node'), nav: !!e.closest('nav'), body: e === document.body, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, w: r.width, h: r.height, inline: style.display === 'inline' };
        });
        if (at.body) break;
        assert.ok(at.outline, `focus is seen on "${at.text}"`);
        assert.ok(at.inline || at.w >= 24 && at.h >= 24, `"${at.text}" is ${at.w} × ${at.h}`);
        if (at.node) seen.add(at.text);
        order.push(at.nav ? 'nav' : 'other');
        await page.keyboard.press('Tab');
    }
    assert.equal(seen.size, nodes);
    assert.ok(order.filter(x => x === 'nav').length >= 9);
    assert.deepEqual(errors, []);
    await close();
});

test('a stage opens with Enter, Esc closes it, back and forward go through both', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map');
    await settled(page);
    await page.locator('.node').nth(2).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside.side h2');
    const name = await page.textContent('aside.side h2');
    assert.match(await hash(page), new RegExp(`at=${name}`));
    await page.waitForTimeout(300);
    await accessible(page, 'stage');
    await picture(page, 'stage');
    await page.locator('aside.side button').first().focus();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('aside.side').count(), 0);
    await page.goBack();
    await page.waitForSelector('aside.side h2');
    assert.equal(await page.textContent('aside.side h2'), name);
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('aside.side'));
    await page.goForward();
    await page.waitForSelector('aside.side h2');
    await close();
});

test('g and a letter, ?, /, Ctrl-K, and letters that can be switched off', { skip }, async () => {
    const { page, errors, close } = await visit(world, 'shop', 'map');
    await settled(page);
    for (const [key, name] of [['c', 'constraint'], ['i', 'items'], ['w', 'whatif'], ['f', 'feedback'], ['e', 'experiments'], ['d', 'delivery'], ['s', 'sources'], ['p', 'people'], ['m', 'map']]) {
        await page.keyboard.press('g');
        await page.keyboard.press(key);
        assert.equal(await hash(page), `#/${name}`);
        await settled(page);
    }
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open] .keys');
    await accessible(page, 'keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.waitForSelector('dialog.palette[open]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.waitForSelector('dialog.palette[open]');
    await page.waitForTimeout(300);
    await accessible(page, 'palette');
    await picture(page, 'palette');
    await page.keyboard.type('delv');
    await page.keyboard.press('Enter');
    assert.equal(await hash(page), '#/delivery');
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('single');
    await page.keyboard.press('Enter');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    assert.equal(await hash(page), '#/delivery', 'letters are off');
    assert.deepEqual(errors, []);
    await close();
});

test('t shows the table of every chart', { skip }, async () => {
    for (const name of ['map', 'constraint', 'items', 'items?show=finished', 'items/SHOP-20', 'delivery']) {
        const { page, close } = await visit(world, 'shop', name);
        await settled(page);
        for (const card of await page.locator('section[data-chart]').all()) {
            await card.locator('.menu-button').focus();
            await page.keyboard.press('t');
            await card.locator('table').first().waitFor({ timeout: 5000 });
            await page.keyboard.press('t');
            await card.locator('table').first().waitFor({ state: 'detached', timeout: 5000 });
        }
        await close();
    }
});

test('a card\'s menu is a menu', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map');
    await settled(page);
    await page.locator('.menu-button').first().press('Enter');
    assert.ok(await page.evaluate(() => document.activeElement.getAttribute('role') === 'menuitem'));
    await accessible(page, 'menu', '.menu');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains('menu-button')));
    await close();
});

test('an address shows what its sender saw; a copied link names instants', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map?measure=p85&paths=3&curve=wip&at=QA&last=90d&to=2026-07-01T00%3A00%3A00Z', { before: page => page.addInitScript(() => {
        Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { globalThis.copied = text; } } });
    }) });
    await settled(page);
    assert.equal(await page.getAttribute('button:text-is("p85 time")', 'aria-pressed'), 'true');
    assert.equal(await page.getAttribute('button:text-is("in progress")', 'aria-pressed'), 'true');
    assert.equal(await page.getAttribute('button:text-is("90 d")', 'aria-pressed'), 'true');
    assert.equal(await page.textContent('aside.side h2'), 'QA');
    await page.click('button:text-is("Copy link")');
    const link = new URLSearchParams((await page.evaluate(() => globalThis.copied)).split('?')[1]);
    assert.equal(link.get('from'), '2026-04-02T00:00:00.000Z');
    assert.equal(link.get('last'), null);
    assert.equal(link.get('measure'), 'p85');
    await close();
    const lost = await visit(world, 'shop', 'map?at=nowhere');
    await settled(lost.page);
    assert.match(await lost.page.textContent('aside.side'), /names the stage nowhere, which is not in this store/);
    await lost.close();
});

test('the map plays what the visits say, and stands still for who wants that', { skip }, async () => {
    const { page, errors, close } = await visit(world, 'shop', 'map');
    await settled(page);
    await page.click('button:has-text("Play")');
    await page.waitForSelector('button:has-text("Pause")');
    const first = await page.textContent('.player-time');
    await page.waitForTimeout(900);
    assert.notEqual(await page.textContent('.player-time'), first);
    await picture(page, 'playing');
    await page.click('button:has-text("Pause")');
    await page.locator('.player input').fill('500');
    const wip = await page.locator('.node .node-wip').allTextContents(), flow = world.weir('shop', 'flow');
    assert.ok(wip.some(t => !t.startsWith('0')), 'halfway something is in the stages');
    const held = await page.$$eval('.node', nodes => Object.fromEntries(nodes.map(n => [n.querySelector('.node-name').textContent.replace('▲ Constraint: ', ''), Number(n.querySelector('b:not(.bad)').textContent)])));
    for (const s of flow.stages) assert.ok(held[s.name] === undefined || s.wip.includes(held[s.name]), `${s.name}: ${held[s.name]} is a number of the document`);
    assert.deepEqual(errors, []);
    await close();
    const still = await visit(world, 'shop', 'map', { still: true });
    await settled(still.page);
    assert.equal(await still.page.locator('button:has-text("Play")').count(), 0);
    await still.close();
});

test('a light theme in a dark system stays chosen', { skip }, async () => {
    const { page, close } = await visit(world, 'shop', 'map', { scheme: 'dark' });
    await settled(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.selectOption('.top select:has(option[value=dark])', 'light');
    const light = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await settled(page);
    assert.equal(await ground(), light);
    await close();
});
