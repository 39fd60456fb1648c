// Time series on uPlot, in the page's colours; loaded when the first one is shown.
import { useEffect, useRef } from 'preact/hooks';
import type uPlotType from 'uplot';
import { colour, theme } from '../theme.ts';
import { timeTicks } from '../ticks.ts';

export interface Series { label: string; values: (number | null)[]; colour: string; fill?: string; width?: number; dash?: number[]; paths?: 'stepped' | 'linear'; }
export interface SeriesProps {
    times: number[]; // seconds since 1970
    series: Series[]; bands?: [number, number, string][]; // between two series, filled
    height: number; text: (y: number) => string; label: string; low?: number; onPoint?: (i: number | null) => void;
    ticks?: (low: number, high: number) => number[];
}

/** Hatched with a colour: waiting is never told by its colour alone. */
export function hatch(c: CanvasRenderingContext2D, ink: string, ground?: string): CanvasPattern {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const t = tile.getContext('2d')!;
    if (ground) { t.fillStyle = ground; t.fillRect(0, 0, 6, 6); }
    t.strokeStyle = ink;
    t.lineWidth = 1.4;
    t.beginPath();
    for (const d of [-3, 3, 9]) { t.moveTo(d - 3, 9 - 3); t.lineTo(d + 6, -3); }
    t.stroke();
    return c.createPattern(tile, 'repeat')!;
}

export function SeriesChart(props: SeriesProps) {
    const box = useRef<HTMLDivElement>(null), plot = useRef<uPlotType | null>(null);
    const data = [props.times, ...props.series.map(s => s.values)] as uPlotType.AlignedData;
    useEffect(() => {
        let gone = false, watch: ResizeObserver | undefined;
        void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: uPlot }]) => {
            const node = box.current;
            if (gone || !node) return;
            const ink = colour('ink2'), line = colour('line');
            const font = '12px system-ui, sans-serif', measure = document.createElement('canvas').getContext('2d')!;
            measure.font = font;
            const paths = { stepped: uPlot.paths.stepped!({ align: 1 }), linear: uPlot.paths.linear!() };
            plot.current = new uPlot({
                width: node.clientWidth, height: props.height, padding: [8, 16, 0, 0],
                legend: { show: false }, cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
                scales: { x: { time: true }, y: { range: (_u, low, high) => [props.low ?? Math.min(0, low ?? 0), (high ?? 1) > (props.low ?? 0) ? (high ?? 1) * 1.04 : 1] } },
                axes: [
                    { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, size: 4 }, size: 28,
                        splits: u => timeTicks(u.scales.x!.min!, u.scales.x!.max!, Math.max(2, Math.floor(u.width / 110))).map(t => t.t),
                        values: (u, splits) => { const all = timeTicks(u.scales.x!.min!, u.scales.x!.max!, Math.max(2, Math.floor(u.width / 110))); return splits.map(s => all.find(t => t.t === s)?.text ?? ''); } },
                    { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, values: (_u, splits) => splits.map(props.text),
                        ...(props.ticks ? { splits: (u: uPlotType) => props.ticks!(u.scales.y!.min!, u.scales.y!.max!) } : {}),
                        size: (_u, values) => 12 + Math.max(20, ...(values ?? []).map(v => measure.measureText(v ?? '').width)) },
                ],
                series: [{}, ...props.series.map(s => ({ label: s.label, stroke: s.colour, width: s.width ?? 1.5, fill: s.fill, dash: s.dash, paths: paths[s.paths ?? 'linear'], points: { show: false } }))],
                bands: (props.bands ?? []).map(([a, b, fill]) => ({ series: [a, b] as [number, number], fill: fill.startsWith('hatch:') ? () => hatch(measure, fill.slice(6)) as unknown as string : fill })),
                hooks: { setCursor: [u => props.onPoint?.(u.cursor.idx ?? null)] },
            }, data, node);
            watch = new ResizeObserver(([e]) => { const w = Math.floor(e!.contentRect.width); if (w > 0 && w !== plot.current?.width) plot.current?.setSize({ width: w, height: props.height }); });
            watch.observe(node);
        });
        return () => { gone = true; watch?.disconnect(); plot.current?.destroy(); plot.current = null; };
    }, [props.times, props.series.map(s => s.label + s.colour).join(), theme.value, props.height]);
    return <div class="series" ref={box} role="img" aria-label={props.label} style={{ minHeight: props.height + 'px' }} />;
}
