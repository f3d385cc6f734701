// `npm run soak`: hours of mixed load squeezed into minutes, and the leaking servers that it must catch. See docs/proof.md.
import { becomeProof } from './lib/become-proof.mjs';

await becomeProof('soak.js', { servers: true });
