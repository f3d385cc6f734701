// `npm run prove`: the crash run at its full size, and the sabotaged servers that its checker must catch. See docs/proof.md.
import { becomeProof } from './lib/become-proof.mjs';

await becomeProof('prove.js', { servers: true });
