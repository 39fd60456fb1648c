import fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';

export async function load(url, context, next) {
    if (!/\.tsx?$/.test(url)) return next(url, context);
    const file = fileURLToPath(url);
    const { code } = await transformWithOxc(await fs.readFile(file, 'utf8'), file, { jsx: { runtime: 'automatic', importSource: 'preact' } });
    return { format: 'module', source: code, shortCircuit: true };
}
