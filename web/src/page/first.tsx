// An empty store: three ways to begin.
import { useDoc } from '../api.ts';
import type { StatusDoc } from '../doc.ts';
import { count } from '../format.ts';
import { CopyLine } from '../part/copy.tsx';
import { Head } from '../part/verdict.tsx';
import { link } from '../url.ts';

export default function First() {
    const answer = useDoc<StatusDoc>('status', [], true), n = answer.doc?.events ?? 0;
    return <>
        <Head title="First run" answer={answer} sentence={answer.doc && (n === 0 ? 'The store is empty: choose where to begin.' : `The store holds ${count(n)} events: you can look around.`)}
            next={n === 0 ? 'weir import .' : 'weir map'} />
        <div class="cards three">
            <section class="card" aria-labelledby="first-git"><h2 id="first-git">This git repository</h2>
                <p>A history alone already gives a map: how long changes wait for review and for the next release. It takes seconds and needs no access to anything else.</p><CopyLine text="weir import ." /></section>
            <section class="card" aria-labelledby="first-board"><h2 id="first-board">An export of your tracker</h2>
                <p>A table with item, status and time (CSV, Parquet, XES) tells who waits for whom before the first commit. <code>weir init</code> writes a first <code>weir.yaml</code> for the stages.</p>
                <CopyLine text="weir import board.csv" /></section>
            <section class="card" aria-labelledby="first-demo"><h2 id="first-demo">A demo company</h2>
                <p>A simulated studio with sales, QA and quarterly releases; nothing of it happened. This line makes it and says what to look at:</p><CopyLine text="weir demo" /></section>
        </div>
        {n > 0 && <p><a href={link('map')}>To the flow map</a></p>}
    </>;
}
