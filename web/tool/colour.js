// Colour arithmetic for the check of the tokens: contrast as WCAG 2 defines it, and how far apart two colours are for
// people with normal and with reduced colour vision. The simulation of the three deficiencies at full strength is the
// matrix model of Machado, Oliveira and Fernandes (2009), on linear RGB; distances are Euclidean in OKLab (Ottosson 2020).

const toLinear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
export const linearOf = hex => [1, 3, 5].map(i => toLinear(parseInt(hex.slice(i, i + 2), 16) / 255));
const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

export function contrast(a, b) {
    const [x, y] = [luminance(linearOf(a)), luminance(linearOf(b))].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
}

export const VISIONS = {
    normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
};
const RARE = { tritan: 1.25 }; // far fewer people: its distances count for more

function oklab([r, g, b]) {
    const [l, m, s] = [0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b, 0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b].map(Math.cbrt);
    return [0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s];
}

/** The least distance over the four kinds of vision, times 100. */
export function apart(a, b) {
    return Math.min(...Object.entries(VISIONS).map(([kind, matrix]) => {
        const [p, q] = [a, b].map(hex => { const c = linearOf(hex); return oklab(matrix.map(row => Math.max(0, row[0] * c[0] + row[1] * c[1] + row[2] * c[2]))); });
        return 100 * Math.hypot(...p.map((x, i) => x - q[i])) * (RARE[kind] ?? 1);
    }));
}
