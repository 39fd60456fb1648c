#!/usr/bin/env node
// serve.js: the pages over the real program, for developing and testing them. Every request for a document
// runs `weir <command> … --json` and answers with what it printed; nothing is computed here.
//
//   node tool/serve.js [--weir FILE] [--port N] [--dist DIR] [-- OPTIONS OF WEIR…]
//   node tool/serve.js -- -C ~/src/project
//   node tool/serve.js -- --store shop.duckdb --config weir.yaml
//
// What stands behind -- is given to every run, so the store is chosen there. `weir serve` answers the same
// addresses; this stays the tool for work on the pages.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const here = path.dirname(new URL(import.meta.url).pathname);
const COMMANDS = new Set(['report', 'map', 'flow', 'constraint', 'items', 'item', 'metrics', 'status', 'doctor', 'version']);
const OWN = new Set(['store', 'config', 'output', 'json', 'plain', 'C', 'threads', 'no-input', 'timeout', 'dot', 'visits']);
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };
export const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-ancestors 'none'";

/** The words for the program, or undefined for an address that is none. */
export function wordsOf(url) {
    const [command, ...rest] = url.pathname.replace(/^\/api\/v1\//, '').split('/').map(decodeURIComponent);
    const visits = command === 'visits';
    if (!visits && !COMMANDS.has(command)) return undefined;
    const words = command === 'report' ? [] : visits ? ['flow', '--visits'] : [command];
    if (!visits) words.push('--json');
    for (const [name, value] of url.searchParams) {
        if (!/^[a-z][a-z-]*$/.test(name) || OWN.has(name)) return undefined;
        words.push(value === '' || value === 'true' ? `--${name}` : `--${name}=${value}`);
    }
    if (rest.length > 0) words.push('--', rest.join('/'));
    return words;
}

export function serve({ weir, options = [], dist = path.join(here, '../dist'), port = 0, quiet = false }) {
    const waiting = [];
    let running = 0;
    const run = words => new Promise(resolve => {
        const start = () => {
            running++;
            const at = performance.now();
            execFile(weir, [...options, ...words], { encoding: 'buffer', maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
                running--;
                waiting.shift()?.();
                if (!quiet) console.log(`${(performance.now() - at).toFixed(0)} ms  weir ${words.join(' ')}`);
                resolve({ code: error ? error.code ?? 2 : 0, stdout, stderr: String(stderr) });
            });
        };
        if (running < 3) start(); else waiting.push(start);
    });
    const send = (req, res, status, type, body, headers = {}) => {
        const packed = body.length > 1000 && /\bgzip\b/.test(req.headers['accept-encoding'] ?? '');
        const bytes = packed ? gzipSync(body, { level: 4 }) : body;
        res.writeHead(status, {
            'Content-Type': type, 'Content-Length': bytes.length, 'Vary': 'Accept-Encoding',
            'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': POLICY,
            ...(packed ? { 'Content-Encoding': 'gzip' } : {}), ...headers,
        });
        res.end(req.method === 'HEAD' ? undefined : bytes);
    };
    const problem = (req, res, status, title, detail, hint, id) =>
        send(req, res, status, 'application/problem+json', Buffer.from(JSON.stringify({ type: 'about:blank', title, status, detail, hint, id })));

    let store;
    const version = async () => {
        if (store === undefined) {
            const answer = await run(['status', '--json']);
            try { store = JSON.parse(answer.stdout).store ?? null; } catch { store = null; }
        }
        try { const s = fs.statSync(store); return createHash('sha1').update(`${s.mtimeMs} ${s.size}`).digest('hex').slice(0, 12); } catch { return 'none'; }
    };
    async function document(req, res, url) {
        const words = wordsOf(url);
        if (!words) return problem(req, res, 404, 'No such document', `${url.pathname} is no document of weir`, 'Read docs/documents.md');
        const { code, stdout, stderr } = await run(words);
        if (code === 2 || code === 75 || typeof code !== 'number') {
            let told = {};
            try { told = JSON.parse(stdout); } catch { /* the program said it in words only */ }
            return problem(req, res, code === 75 ? 503 : 400, code === 75 ? 'Try again' : 'weir cannot answer this',
                told.message ?? (stderr.trim() || 'weir could not be run'), told.hint ?? '', told.id ?? '');
        }
        const binary = words.includes('--visits');
        send(req, res, 200, binary ? 'application/octet-stream' : 'application/json', stdout, { 'Cache-Control': 'no-cache' });
    }
    function live(req, res) {
        res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
        let last;
        const tell = async () => {
            const now = await version();
            if (now !== last) res.write(`event: version\ndata: {"version":"${now}"}\n\n`);
            last = now;
        };
        tell();
        const timer = setInterval(tell, 2000);
        req.on('close', () => clearInterval(timer));
    }
    function file(req, res, url) {
        const name = path.join(dist, path.normalize(url.pathname === '/' ? '/index.html' : decodeURIComponent(url.pathname)));
        if (!name.startsWith(path.resolve(dist)) || !fs.existsSync(name) || !fs.statSync(name).isFile())
            return problem(req, res, 404, 'No such file', url.pathname, 'The pages are built by:  make web');
        send(req, res, 200, TYPES[path.extname(name)] ?? 'application/octet-stream', fs.readFileSync(name),
            { 'Cache-Control': url.pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache' });
    }
    const server = http.createServer((req, res) => {
        const url = new URL(req.url, 'http://localhost');
        if (req.method !== 'GET' && req.method !== 'HEAD') return problem(req, res, 405, 'Read only', req.method, '');
        if (url.pathname === '/api/v1/live') return live(req, res);
        if (url.pathname.startsWith('/api/v1/')) return void document(req, res, url);
        return file(req, res, url);
    });
    dist = path.resolve(dist);
    return new Promise(resolve => server.listen(port, '127.0.0.1', () => resolve({
        server, url: `http://127.0.0.1:${server.address().port}/`,
        close: () => { server.closeAllConnections(); server.close(); },
    })));
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fs.realpathSync(new URL(import.meta.url).pathname)) {
    const words = process.argv.slice(2), split = words.indexOf('--');
    const own = split < 0 ? words : words.slice(0, split), options = split < 0 ? [] : words.slice(split + 1);
    const value = (name, otherwise) => own.includes(name) ? own[own.indexOf(name) + 1] : otherwise;
    const { url } = await serve({
        weir: path.resolve(value('--weir', path.join(here, '../../build/release/weir'))), options,
        dist: value('--dist', path.join(here, '../dist')), port: Number(value('--port', 8081)),
    });
    console.log(`the pages of weir: ${url}`);
}
