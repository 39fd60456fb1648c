// The keyboard: g and a letter goes to a page, Ctrl-K opens the palette, ? lists the keys. Single letters are off
// while one types, and can be switched off as a whole (WCAG 2.1.4).
import { signal } from '@preact/signals';
import { go, place, scopeOf } from './url.ts';

export interface PageName { id: string; title: string; key: string; later?: boolean; }
export const PAGES: PageName[] = [
    { id: 'map', title: 'Flow map', key: 'm' }, { id: 'constraint', title: 'Constraint', key: 'c' },
    { id: 'items', title: 'Work items', key: 'i' }, { id: 'whatif', title: 'What-if', key: 'w', later: true },
    { id: 'feedback', title: 'Feedback', key: 'f', later: true }, { id: 'experiments', title: 'Experiments', key: 'e', later: true },
    { id: 'delivery', title: 'Delivery', key: 'd' }, { id: 'people', title: 'People', key: 'p', later: true }, { id: 'sources', title: 'Sources', key: 's' },
];

export const palette = signal(false);
export const help = signal(false);
const KEY = 'weir-letters-off';
export const lettersOff = signal((() => { try { return localStorage.getItem(KEY) === '1'; } catch { return false; } })());
export function switchLetters(): void {
    lettersOff.value = !lettersOff.value;
    try { localStorage.setItem(KEY, lettersOff.value ? '1' : '0'); } catch { /* not kept */ }
}

/** Letters of the page that is shown. */
export const own = signal<{ key: string; text: string; act: () => void }[]>([]);

export const goPage = (id: string): void => go({ page: id, arg: '', query: scopeOf(place.value.query) });

export function followKeys(): void {
    let prefix = -Infinity; // when g was pressed
    addEventListener('keydown', event => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
            event.preventDefault();
            palette.value = !palette.value;
            return;
        }
        const target = event.target as HTMLElement;
        if (event.ctrlKey || event.metaKey || event.altKey || lettersOff.value || palette.value || help.value ||
            target.closest('input:not([type=range]):not([type=checkbox]),textarea,select,[contenteditable],dialog')) return;
        if (performance.now() - prefix < 1500) {
            prefix = -Infinity;
            const page = PAGES.find(p => p.key === event.key);
            if (page) { event.preventDefault(); goPage(page.id); return; }
        }
        const local = own.value.find(k => k.key === event.key);
        if (local) { event.preventDefault(); local.act(); return; }
        switch (event.key) {
            case 'g': prefix = performance.now(); break;
            case '?': help.value = true; event.preventDefault(); break;
            case '/': palette.value = true; event.preventDefault(); break;
            case 't': {
                const hovered = [...document.querySelectorAll<HTMLElement>('[data-chart]:hover')].at(-1);
                const card = target.closest<HTMLElement>('[data-chart]') ?? hovered ?? document.querySelector<HTMLElement>('[data-chart]');
                card?.dispatchEvent(new Event('weir-table'));
                break;
            }
        }
    });
}
