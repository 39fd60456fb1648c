// A small trend: weeks as a line, the last whole one as a dot. What it says is in its label; t shows the table.
import { useMemo } from 'preact/hooks';
import type { Metric } from '../doc.ts';
import { date, measure } from '../format.ts';

export function Sparkline(props: { points: Metric['series']; unit: string; up: boolean | null; title: string }) {
    const { points, unit } = props, W = 256, H = 48;
    const made = useMemo(() => {
        const whole = points.filter(p => !p.partial), shown = whole.length > 1 ? whole : points;
        const high = Math.max(1e-12, ...shown.map(p => p.value ?? 0)), x = (i: number): number => 3 + i / Math.max(1, shown.length - 1) * (W - 6), y = (v: number): number => H - 4 - v / high * (H - 10);
        let path = '', dots = '', n = 0;
        shown.forEach((p, i) => { // weeks without a value are stepped over; few values get dots of their own
            if (p.value === null) return;
            path += `${n++ > 0 ? 'L' : 'M'}${x(i).toFixed(1)} ${y(p.value).toFixed(1)}`;
            dots += `M${x(i).toFixed(1)} ${y(p.value).toFixed(1)}h.01`;
        });
        if (n > 40) dots = '';
        const k = shown.findLastIndex(p => p.value !== null), last = k < 0 ? null : { x: x(k), y: y(shown[k]!.value!), p: shown[k]! };
        return { path, dots, last, first: shown[0], high, shown };
    }, [points]);
    const { last, first } = made;
    return <div class="spark">
        <svg viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img" aria-label={last ? `${props.title}: ${made.shown.length} weeks, in the last whole one ${measure(last.p.value, unit)}, at most ${measure(made.high, unit)}` : props.title}>
            <line x1="0" x2={W} y1={H - 4} y2={H - 4} class="base" /><path d={made.path} />{made.dots && <path class="dots" d={made.dots} />}{last && <path class="last" d={`M${last.x.toFixed(1)} ${last.y.toFixed(1)}h.01`} />}
        </svg>
        <div class="spark-ends" aria-hidden="true"><span>{date(first?.from, 'UTC')}</span><span>{last ? `${measure(last.p.value, unit)}, ${date(last.p.from, 'UTC')}` : ''}</span></div>
    </div>;
}
