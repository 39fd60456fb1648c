// The style sheet's variables, out of src/tokens.json: one list of colours for style sheet, canvas and test.
import fs from 'node:fs';

const file = new URL('../src/tokens.json', import.meta.url);
export const themes = () => JSON.parse(fs.readFileSync(file, 'utf8'));

function variables(theme) {
    return Object.entries(theme).map(([name, value]) =>
        Array.isArray(value) ? value.map((v, i) => `--${name}${i + 1}:${v};`).join('') : `--${name}:${value};`).join('');
}

/** Light unless the system or the switch (data-theme) says dark. */
export function tokensCss() {
    const { light, dark } = themes();
    return `:root{color-scheme:light;${variables(light)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables(dark)}}}
:root[data-theme=dark]{color-scheme:dark;${variables(dark)}}
`;
}

/** Vite: `import 'virtual:tokens.css'`. */
export function tokensPlugin() {
    const id = 'virtual:tokens.css', own = '\0' + id;
    return {
        name: 'weir-tokens',
        resolveId: source => source === id ? own : undefined,
        load: source => source === own ? tokensCss() : undefined,
    };
}
