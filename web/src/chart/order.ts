// The order of stages down the stream, and which edges go with it. The document's order stands where most moves go
// forward in it; a log without set-up names its stages in any order, and then where they stand in the ways that items
// take decides.
import type { MapDoc } from '../doc.ts';

type Moves = Pick<MapDoc, 'stages' | 'edges' | 'variants'>;

const forward = (map: Moves, order: Map<string, number>): number =>
    map.edges.reduce((sum, e) => sum + ((order.get(e.from) ?? 0) < (order.get(e.to) ?? 0) ? e.count : 0), 0);

export function stageOrder(map: Moves): string[] {
    const told = map.stages.map(s => s.name), places = new Map<string, { sum: number; n: number }>();
    for (const way of map.variants.top) way.path.forEach((name, i) => {
        const p = places.get(name) ?? { sum: 0, n: 0 };
        p.sum += way.items * (way.path.length > 1 ? i / (way.path.length - 1) : 0);
        p.n += way.items;
        places.set(name, p);
    });
    // stages of no frequent way: between those that come before and after them
    const at = (name: string): number => { const p = places.get(name); return p ? p.sum / p.n : .5; };
    const seen = [...told].sort((a, b) => at(a) - at(b) || told.indexOf(a) - told.indexOf(b));
    const number = (list: string[]): Map<string, number> => new Map(list.map((name, i) => [name, i]));
    return forward(map, number(seen)) > 1.02 * forward(map, number(told)) ? seen : told;
}

/** The stages and edges that are drawn when only so many shall be. Every stage keeps the edge that most take to it
 * and the one that most take from it. */
export function thinned(map: Moves, order: string[], activities: number, paths: number): { stages: string[]; edges: MapDoc['edges'] } {
    const byVisits = [...map.stages].sort((a, b) => b.visits - a.visits || order.indexOf(a.name) - order.indexOf(b.name));
    const kept = new Set(byVisits.slice(0, Math.max(1, activities)).map(s => s.name));
    const inside = map.edges.filter(e => kept.has(e.from) && kept.has(e.to) && e.from !== e.to).sort((a, b) => b.count - a.count || order.indexOf(a.from) - order.indexOf(b.from) || order.indexOf(a.to) - order.indexOf(b.to));
    const chosen = new Set(inside.slice(0, paths)), from = new Set<string>(), to = new Set<string>();
    for (const e of inside) {
        if (!from.has(e.from)) chosen.add(e);
        if (!to.has(e.to)) chosen.add(e);
        from.add(e.from);
        to.add(e.to);
    }
    const at = (name: string): number => order.indexOf(name);
    return { stages: order.filter(s => kept.has(s)), edges: [...chosen].sort((a, b) => at(a.from) - at(b.from) || at(a.to) - at(b.to)) };
}

/** How many stages the map shows at first: those that 99 of 100 visits are in, and the constraint. */
export function usualStages(map: Moves, constraint: string | null): number {
    const sorted = [...map.stages].sort((a, b) => b.visits - a.visits), all = sorted.reduce((sum, s) => sum + s.visits, 0);
    let n = 0, sum = 0;
    while (n < sorted.length && n < 12 && sum < .99 * all) sum += sorted[n++]!.visits;
    return Math.max(n, sorted.findIndex(s => s.name === constraint) + 1, Math.min(6, sorted.length));
}
