// `npm run check-history -- FILE`: what the history file of a crash run shows. No server is needed.
import { becomeProof } from './lib/become-proof.mjs';

await becomeProof('check-history.js', { servers: false });
