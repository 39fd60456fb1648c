// Waiting (hatched) and work of a stage as one bar; grey where the log cannot divide them.
export function StageBar(props: { wait: number | null; work: number | null; whole: number; most: number; waits?: boolean; label?: boolean }) {
    const { wait, work, whole, most } = props, width = (x: number): string => `${Math.max(0, Math.min(100, 100 * x / (most || 1)))}%`;
    const divided = wait !== null && work !== null;
    const text = divided ? `waiting ${Math.round(100 * wait / ((wait + work) || 1))} %, work ${Math.round(100 * work / ((wait + work) || 1))} %`
        : props.waits ? 'all waiting' : 'waiting and work cannot be divided';
    return <span class="stagebar" role={props.label === false ? undefined : 'img'} aria-label={props.label === false ? undefined : text} aria-hidden={props.label === false ? 'true' : undefined} title={text}>
        {divided ? <><i class="wait" style={{ width: width(wait) }} /><i class="work" style={{ width: width(work) }} /></>
            : <i class={props.waits ? 'wait' : 'both'} style={{ width: width(whole) }} />}
    </span>;
}
