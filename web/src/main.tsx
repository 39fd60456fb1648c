import { signal } from '@preact/signals';
import { render, type ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import 'virtual:tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/part.css';
import './style/page.css';
import { followKeys, own, PAGES } from './keys.ts';
import MapPage from './page/map.tsx';
import { Loading } from './part/state.tsx';
import { Shell } from './shell.tsx';
import { followTheme } from './theme.ts';
import { follow, place } from './url.ts';

// Pages come when they are first looked at; the home is there at once.
const load: Record<string, () => Promise<{ default: ComponentType }>> = {
    constraint: () => import('./page/constraint.tsx'),
    items: () => import('./page/items.tsx'),
    item: () => import('./page/item.tsx'),
    delivery: () => import('./page/delivery.tsx'),
    sources: () => import('./page/sources.tsx'),
    first: () => import('./page/first.tsx'),
    later: () => import('./page/later.tsx'),
    lost: () => import('./page/lost.tsx'),
};
const LATER = ['whatif', 'feedback', 'experiments', 'people'];
const loaded = signal<Record<string, ComponentType>>({ map: MapPage });

function Page() {
    const { page, arg } = place.value;
    const name = page === 'items' && arg ? 'item' : LATER.includes(page) ? 'later' : (page === 'map' || page in load) && page !== 'item' && page !== 'later' ? page : 'lost';
    useEffect(() => {
        own.value = [];
        document.title = `${PAGES.find(p => p.id === page)?.title ?? 'weir'}${arg ? ' ' + arg : ''} · weir`;
        if (!loaded.value[name]) void load[name]!().then(m => { loaded.value = { ...loaded.value, [name]: m.default }; });
    }, [name, page, arg]);
    const Shown = loaded.value[name];
    return Shown ? <Shown key={name + arg} /> : <Loading what="the page" />;
}

follow();
followTheme();
followKeys();
render(<Shell><Page /></Shell>, document.getElementById('app')!);
