// `npm run check-history -- FILE`: what a history of a crash run shows. Needs no server and nothing of tests/ but its own code.
import { buildProof } from './lib/build-proof.mjs';

await buildProof('check-history.js');
