// A line to copy, and files to keep.
import { signal } from '@preact/signals';

export const said = signal(''); // for the live region: "copied"

export async function copy(text: string, what = 'Copied'): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
    } catch { // no permission, or an old browser
        const area = document.createElement('textarea');
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
    }
    said.value = what;
    setTimeout(() => { if (said.value === what) said.value = ''; }, 2500);
}

export function save(name: string, blob: Blob): void {
    const url = URL.createObjectURL(blob), a = document.createElement('a');
    a.href = url;
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function CopyLine(props: { text: string }) {
    return <span class="line-copy"><code>{props.text}</code>
        <button type="button" class="small" onClick={() => void copy(props.text, 'Line copied')} aria-label={`Copy: ${props.text}`}>Copy</button></span>;
}
