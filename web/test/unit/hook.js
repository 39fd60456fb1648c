// Lets node run the pages' TypeScript in tests, as vite would: types are stripped, nothing else changes.
import { register } from 'node:module';

register('./load.js', import.meta.url);
