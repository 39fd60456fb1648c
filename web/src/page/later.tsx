// Places that are kept: what the page will answer, and what answers it today.
import { CopyLine } from '../part/copy.tsx';
import { Head } from '../part/verdict.tsx';
import { place } from '../url.ts';

const PLACES: Record<string, { title: string; question: string; coming: string[]; today: string; lines: string[] }> = {
    whatif: {
        title: 'What-if', question: 'Is one more tester, a limit on work in progress or a release every day worth more, and when will it be done?',
        coming: ['levers for every stage: capacity, waiting, release cadence, limits, rework', 'baseline and scenario side by side, with intervals, from a simulation that first has to replay the past',
            'a forecast with its own backtest'],
        today: 'The evidence says which place to try first, and what a release train costs an item.', lines: ['weir constraint --explain'],
    },
    feedback: {
        title: 'Feedback', question: 'Did the change really remove the latency, and did anything else become slower?',
        coming: ['operations with the place where their time is', 'two ranges, versions or sides of a deployment compared on durations', 'a verdict that may say there is no evidence'],
        today: 'No traces of requests can be read yet. Times of the value stream can be compared by hand, over two ranges.', lines: ['weir map --from 2026-01-01 --to 2026-04-01', 'weir map --from 2026-04-01 --to 2026-07-01'],
    },
    experiments: {
        title: 'Experiments', question: 'Ship, stop or wait?',
        coming: ['the sample-ratio check first, then estimates with intervals', 'intervals that allow one to look at any time', 'from idea to first significant result: the lead time to learning'],
        today: 'Flags and experiments cannot be read yet. How long changes take to reach their users can.', lines: ['weir metrics'],
    },
    people: {
        title: 'People', question: 'Is the work sustainable?',
        coming: ['load and interruptions of groups, never of persons', 'a short survey, shown only for groups of five or more'],
        today: 'weir shows no figures about single persons, here or anywhere else: no ranking, no filter by person. Load of a stage is on the Constraint page.', lines: ['weir constraint'],
    },
};

export default function Later() {
    const it = PLACES[place.value.page]!;
    return <>
        <Head title={it.title} sentence="This page is not there yet." sub={<p>It will answer: {it.question}</p>} next={it.lines[0]} />
        <div class="cards two">
            <section class="card" aria-labelledby="later-coming"><h2 id="later-coming">What is coming</h2><ul class="notes">{it.coming.map(x => <li key={x}>{x}</li>)}</ul></section>
            <section class="card" aria-labelledby="later-today"><h2 id="later-today">What there is today</h2><p>{it.today}</p>{it.lines.map(x => <p key={x}><CopyLine text={x} /></p>)}</section>
        </div>
    </>;
}
