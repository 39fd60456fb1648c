import { Empty } from '../part/state.tsx';
import { Head } from '../part/verdict.tsx';
import { place } from '../url.ts';

export default function Lost() {
    return <><Head title="No such page" sentence={`The link names the page "${place.value.page}", which weir does not have.`} next="weir map" />
        <Empty reason="The pages are named on the left." /></>;
}
