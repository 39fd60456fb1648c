// The visits as a film: which items sit in which stage at an instant, and which are on their way to one. A visit is
// nine bytes (docs/documents.md); everything here is for pixels, no number that is printed comes from it.
import type { Visits } from '../doc.ts';

export class Replay {
    readonly visits: Visits;
    readonly stages: string[];
    readonly held: Int32Array; // of each stage, at `now`
    now = 0;
    private readonly to: Uint8Array; // edge → stage
    private readonly ends: Float64Array; // tick of the end × 256 + stage, in order: sorted without a comparison function
    private readonly tick: number; // seconds
    private begun = 0;
    private ended = 0;

    constructor(visits: Visits) {
        this.visits = visits;
        this.stages = [...new Set(visits.edges.map(e => e.to))];
        this.to = Uint8Array.from(visits.edges, e => this.stages.indexOf(e.to));
        this.held = new Int32Array(this.stages.length);
        this.ends = new Float64Array(visits.n);
        this.tick = visits.length / 2 ** 24;
        for (let i = 0; i < visits.n; i++) {
            const end = Math.max(visits.end[i]!, visits.begin[i]!);
            this.ends[i] = isFinite(end) ? Math.ceil(end / this.tick) * 256 + this.to[visits.edge[i]!]! : Infinity;
        }
        this.ends.sort();
    }

    /** Moves to an instant, forward from where it stands or again from the start. */
    seek(t: number): void {
        if (t < this.now) { this.begun = this.ended = 0; this.held.fill(0); }
        const { begin, edge, n } = this.visits;
        while (this.begun < n && begin[this.begun]! <= t) this.held[this.to[edge[this.begun++]!]!]!++;
        for (const last = t / this.tick * 256 + 255; this.ended < n && this.ends[this.ended]! <= last; this.ended++) {
            this.held[this.ends[this.ended]! % 256]!--;
        }
        this.now = t;
    }

    /** Calls each(edge, progress 0…1) for what arrives within `travel` from now; one in k when there are more than `most`. */
    moving(travel: number, most: number, each: (edge: number, progress: number) => void): { shown: number; every: number } {
        const { begin, edge, n } = this.visits, from = this.begun;
        let to = from;
        while (to < n && begin[to]! <= this.now + travel) to++;
        const every = Math.max(1, Math.ceil((to - from) / most));
        let shown = 0;
        for (let i = from; i < to; i++) {
            if (every > 1 && i % every !== 0) continue;
            each(edge[i]!, 1 - (begin[i]! - this.now) / travel);
            shown++;
        }
        return { shown, every };
    }
}
