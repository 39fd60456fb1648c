// How wide the page is: below 760 px the map runs from top to bottom.
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 759px)');
export const narrow = signal(query.matches);
query.addEventListener('change', e => { narrow.value = e.matches; });
