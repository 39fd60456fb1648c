// Documents from the server. One entry an address, kept while the store's version stays the same; when it
// changes, what is shown stays until the new answer is there.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { readVisits, type Visits } from './doc.ts';
import { place, scopeOf } from './url.ts';

export interface Problem { title: string; detail: string; hint: string; }
export interface Answer<T> { doc?: T; error?: Problem; loading: boolean; took?: number; at?: number; url: string; cli: string; }

const entries = new Map<string, Signal<Answer<unknown>>>();
const KEPT = 40;
const stale = new Map<string, unknown>(); // what was shown before the version changed
export const version = signal('');
export const connection = signal<{ state: 'off' | 'on' | 'lost'; retry: number }>({ state: 'off', retry: 0 });

export type Query = [string, string][];

/** The shell's way to write a word. */
const quote = (text: string): string => /^[A-Za-z0-9_.,:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The line that prints the same document. */
export function commandLine(path: string, query: Query): string {
    const [command = '', ...arg] = path.split('/');
    const words = command === 'report' ? ['weir'] : command === 'visits' ? ['weir', 'flow', '--visits'] : ['weir', command];
    for (const [k, v] of query) words.push(v === '' || v === 'true' ? `--${k}` : `--${k} ${quote(v)}`);
    if (arg.length > 0) words.push(quote(decodeURIComponent(arg.join('/'))));
    return words.join(' ');
}

const address = (path: string, query: Query): string => {
    const text = new URLSearchParams(query).toString();
    return `api/v1/${path}${text ? '?' + text : ''}`;
};

async function problemOf(response: Response): Promise<Problem> {
    const text = await response.text();
    try {
        const told = JSON.parse(text) as { title?: string; detail?: string; hint?: string };
        return { title: told.title ?? `${response.status}`, detail: told.detail ?? '', hint: told.hint ?? '' };
    } catch {
        return { title: `The server answered ${response.status}`, detail: text.slice(0, 300), hint: '' };
    }
}

async function fetchInto(entry: Signal<Answer<unknown>>, read: (r: Response) => Promise<unknown>): Promise<void> {
    entry.value = { ...entry.value, loading: true };
    const begin = performance.now();
    try {
        const response = await fetch(entry.value.url, { headers: { Accept: 'application/json, application/octet-stream' } });
        if (!response.ok) {
            entry.value = { ...entry.value, loading: false, error: await problemOf(response), doc: undefined };
            return;
        }
        const doc = await read(response);
        entry.value = { ...entry.value, loading: false, error: undefined, doc, took: performance.now() - begin, at: Date.now() };
    } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        entry.value = { ...entry.value, loading: false, error: { title: 'The server does not answer', detail, hint: 'Is it still running?  weir serve' } };
    }
}

const json = (r: Response): Promise<unknown> => r.json();

function entryOf(path: string, query: Query, read: (r: Response) => Promise<unknown>): Signal<Answer<unknown>> {
    const url = address(path, query);
    let entry = entries.get(url);
    if (!entry) {
        entry = signal<Answer<unknown>>({ loading: true, url, cli: commandLine(path, query), doc: stale.get(url) });
        stale.delete(url);
        entries.set(url, entry);
        if (entries.size > KEPT) entries.delete(entries.keys().next().value!);
        void fetchInto(entry, read);
    }
    return entry;
}

/** The document of a command within the scope of the address (own: without it). */
export function useDoc<T>(path: string | null, more: Query = [], own = false): Answer<T> {
    const query: Query = [...(own ? [] : scopeOf(place.value.query)), ...more];
    const key = path === null ? '' : address(path, query);
    const entry = useMemo(() => path === null ? signal<Answer<unknown>>({ loading: false, url: '', cli: '' }) : entryOf(path, query, json), [key, version.value]);
    return entry.value as Answer<T>;
}

export function useVisits(wanted: boolean, more: Query = []): Answer<Visits> {
    const query: Query = [...scopeOf(place.value.query), ...more];
    const key = wanted ? address('visits', query) : '';
    const entry = useMemo(() => !wanted ? signal<Answer<unknown>>({ loading: false, url: '', cli: '' })
        : entryOf('visits', query, async r => readVisits(await r.arrayBuffer())), [key, version.value]);
    return entry.value as Answer<Visits>;
}

/** Server-sent events: the store's version. A lost connection is retried after 1, 2, 4 … 30 s. */
export function useLive(): void {
    useEffect(() => {
        let source: EventSource | undefined, timer = 0, wait = 1, stopped = false;
        const open = (): void => {
            source = new EventSource('api/v1/live');
            source.onopen = () => { wait = 1; connection.value = { state: 'on', retry: 0 }; };
            const take = (event: MessageEvent<string>): void => {
                const next = event.data;
                if (version.value !== '' && version.value !== next) {
                    for (const [url, entry] of [...entries]) {
                        entries.delete(url);
                        stale.set(url, entry.value.doc);
                    }
                }
                version.value = next;
            };
            source.addEventListener('version', take as EventListener);
            source.onmessage = take;
            source.onerror = () => {
                source?.close();
                if (stopped) return;
                connection.value = { state: 'lost', retry: wait };
                timer = window.setTimeout(open, wait * 1000);
                wait = Math.min(30, wait * 2);
            };
        };
        open();
        return () => { stopped = true; source?.close(); clearTimeout(timer); };
    }, []);
}

export const lost: ReadonlySignal<boolean> = computed(() => connection.value.state === 'lost');
