// A browser, the development server over the real program, and what every test of a page looks at.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from '../../tool/serve.js';
import { makeStores } from './fixture.js';

const here = path.dirname(new URL(import.meta.url).pathname);
export const WEIR = path.resolve(process.env.WEIR ?? path.join(here, '../../../build/release/weir'));
const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(f => fs.existsSync(f));
const AXE = fs.readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
export const missing = !fs.existsSync(WEIR) ? `there is no program ${WEIR}` : !CHROMIUM ? 'there is no chromium (apt-get install chromium)' : !fs.existsSync(path.join(here, '../../dist/index.html')) ? 'the pages are not built (make web)' : false;

/** `weir serve` itself: in place of the development server with WEIR_SERVE=1, for stores that it can open. */
function real(options) {
    return new Promise((resolve, reject) => {
        const server = spawn(WEIR, [...options, 'serve', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '', err = '';
        server.stderr.on('data', text => { err += text; });
        server.stdout.on('data', text => {
            out += text;
            const url = /weir serves (http\S+)/.exec(out)?.[1];
            if (url) resolve({ url: url.replace(/\/?$/, '/'), close: () => server.kill('SIGTERM') });
        });
        server.on('exit', code => reject(new Error(`weir serve ended with ${code}: ${err}`)));
    });
}

export async function open() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-pages-')), stores = makeStores(WEIR, dir), servers = {};
    for (const [name, options] of Object.entries(stores)) servers[name] = process.env.WEIR_SERVE && name !== 'missing' ? await real(options) : await serve({ weir: WEIR, options, quiet: true });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    return {
        browser, servers,
        weir: (name, ...words) => { // the document that the command prints
            try { return JSON.parse(execFileSync(WEIR, [...stores[name], ...words, '--json'], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })); } catch (error) { return JSON.parse(error.stdout); }
        },
        close: async () => {
            await browser.close();
            for (const s of Object.values(servers)) s.close();
            fs.rmSync(dir, { recursive: true, force: true });
        },
    };
}

/** A page that notes every error of its console. */
export async function visit(world, store, hash, { width = 1280, scheme = 'light', still = false, before } = {}) {
    const context = await world.browser.newContext({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme: scheme, timezoneId: 'UTC', locale: 'en-GB', reducedMotion: still ? 'reduce' : 'no-preference' });
    const page = await context.newPage(), errors = [];
    page.on('console', m => { if (m.type() === 'error') errors.push(m.text()); });
    page.on('pageerror', e => errors.push(e.message));
    if (before) await before(page);
    await page.goto(world.servers[store].url + '#/' + hash);
    return { page, errors, close: () => context.close() };
}

/** Until nothing loads any more. */
export async function settled(page) {
    await page.waitForSelector('[data-verdict]');
    await page.waitForFunction(() => document.querySelectorAll('[data-state=loading]').length === 0 && document.querySelector('[data-verdict]').textContent.trim() !== '', null, { timeout: 20000 });
    await page.waitForTimeout(120);
}

export async function accessible(page, what, within) { // within: a part of the page only, where it covers the rest
    await page.evaluate(AXE);
    const found = await page.evaluate(within => globalThis.axe.run(within ?? document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }), within);
    assert.deepEqual(found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`), [], what);
    return found.passes.length;
}

export async function picture(page, name) {
    if (!process.env.WEIR_SHOTS) return;
    fs.mkdirSync(process.env.WEIR_SHOTS, { recursive: true });
    await page.screenshot({ path: path.join(process.env.WEIR_SHOTS, name + '.png'), fullPage: true });
}
