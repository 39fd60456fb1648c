// Small stores for the tests of the pages, made by the real program: a board with a release train, one with too few
// items, an empty one, and a git repository. Everything comes from a seeded generator: the same stores every time.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const DAY = 86400000, START = Date.parse('2026-01-05T09:00:00Z');
export const PLANTED = 'Zelda Quux'; // a person's name that no page may show

function dice(seed) { // xorshift
    let x = seed;
    return () => { x ^= x << 13; x ^= x >>> 17; x ^= x << 5; return (x >>> 0) / 4294967296; };
}

/** Items go idea, dev, QA (and sometimes back to dev), release on Fridays, done. */
export function board(n, seed = 7) {
    const random = dice(seed), rows = ['key,status,changed,resource'], wait = mean => -Math.log(1 - random()) * mean * DAY;
    const put = (key, status, t) => rows.push(`${key},${status},${new Date(t).toISOString()},${PLANTED}`);
    const end = START + 190 * DAY;
    for (let i = 1; i <= n; i++) {
        const key = `SHOP-${i}`;
        let t = START + i / n * 180 * DAY;
        const steps = [['New', 0], ['Ready', wait(2)], ['In progress', wait(1)], ['Ready for test', wait(2)], ['In test', wait(4)]];
        if (random() < .15) steps.push(['In progress', wait(.8)], ['Ready for test', wait(1)], ['In test', wait(3)]);
        if (random() < .06) steps.push(['Rejected', wait(2)]);
        else steps.push(['Tested', wait(1)], ['Released', 0]);
        for (const [status, length] of steps) {
            t += length;
            if (status === 'Released') t = START + (Math.floor((t - START) / DAY / 14) + 1) * 14 * DAY;
            if (t > end) break;
            put(key, status, t);
        }
    }
    return rows.join('\n') + '\n';
}

const CONFIG = `stream: shop
stages:
  - {name: idea, category: new, match: {activity: [New]}}
  - {name: dev, team: dev, match: {activity: ["In progress"]}, waiting: [Ready]}
  - {name: QA, team: qa, match: {activity: ["In test"]}, waiting: ["Ready for test"]}
  - {name: release, category: gate, match: {activity: [Tested]}}
  - {name: done, category: done, match: {activity: [Released]}}
  - {name: rejected, category: cancelled, match: {activity: [Rejected]}}
calendars: {default: {hours: "Mon-Fri 09:00-17:00"}}
`;

/** Makes the stores in `dir`; returns the options of weir for each. */
export function makeStores(weir, dir) {
    const env = { PATH: process.env.PATH, HOME: dir, LC_ALL: 'C.UTF-8', TZ: 'UTC', GIT_CONFIG_GLOBAL: '/dev/null' };
    const run = (program, words, options = {}) => {
        try { return execFileSync(program, words, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'], ...options }); } catch (error) {
            if (error.status === 3) return error.stdout; // some rows were rejected: that is meant
            throw new Error(`${program} ${words.join(' ')}: ${error.stderr}`);
        }
    };
    const store = (name, csv) => {
        const file = path.join(dir, name + '.csv'), options = ['--store', path.join(dir, name + '.duckdb'), '--config', path.join(dir, 'weir.yaml')];
        fs.writeFileSync(file, csv);
        run(weir, ['import', ...options, '--case', 'key', '--activity', 'status', '--time', 'changed', file]);
        return options;
    };
    fs.writeFileSync(path.join(dir, 'weir.yaml'), CONFIG);
    const shop = store('shop', board(400) + 'SHOP-1,In test,not a date,nobody\n');
    const few = store('few', board(8, 3));
    const empty = store('empty', 'key,status,changed,resource\n');
    const missing = ['--store', path.join(dir, 'nowhere.duckdb')];
    const repo = path.join(dir, 'repo');
    fs.mkdirSync(repo);
    run('git', ['init', '-q', '-b', 'main'], { cwd: repo });
    for (let i = 1; i <= 80; i++) {
        const authored = new Date(START + i * DAY).toISOString(), landed = new Date(START + i * DAY + DAY / 2).toISOString();
        const who = { GIT_AUTHOR_NAME: PLANTED, GIT_AUTHOR_EMAIL: 'zelda.quux@example.org', GIT_COMMITTER_NAME: PLANTED, GIT_COMMITTER_EMAIL: 'zelda.quux@example.org', GIT_AUTHOR_DATE: authored, GIT_COMMITTER_DATE: landed };
        run('git', ['commit', '-q', '--allow-empty', '-m', `Do thing ${i} (#${i})`], { cwd: repo, env: { ...env, ...who } });
        if (i % 20 === 0) run('git', ['tag', `v${i / 20}.0`], { cwd: repo });
    }
    const git = ['-C', repo, '--store', path.join(dir, 'git.duckdb')];
    run(weir, ['import', ...git, '.']);
    return { shop, few, empty, missing, git };
}
