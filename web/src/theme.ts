// Light and dark: as the system says, or as the switch of this browser. What is drawn on canvas asks here for
// colours and draws again when `theme` changes.
import { signal } from '@preact/signals';

export type Choice = 'system' | 'light' | 'dark';
const KEY = 'weir-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const stored = (): Choice => { try { const v = localStorage.getItem(KEY); return v === 'light' || v === 'dark' ? v : 'system'; } catch { return 'system'; } };

export const choice = signal<Choice>(stored());
export const theme = signal<'light' | 'dark'>('light');
export const still = signal(matchMedia('(prefers-reduced-motion: reduce)').matches);

export function setTheme(next: Choice): void {
    choice.value = next;
    try { if (next === 'system') localStorage.removeItem(KEY); else localStorage.setItem(KEY, next); } catch { /* a browser that keeps nothing */ }
    apply();
}
function apply(): void {
    if (choice.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice.value;
    theme.value = choice.value === 'system' ? dark.matches ? 'dark' : 'light' : choice.value;
}
export function followTheme(): void {
    apply();
    dark.addEventListener('change', apply);
    matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', e => { still.value = e.matches; });
}

/** A token of the style sheet, as the canvas wants it. Reading `theme` makes the caller draw again. */
export const colour = (name: string): string => (theme.value, getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim());
