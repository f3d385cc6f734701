// `npm run bench`: installs what bench/ needs, builds, and runs the comparison; arguments go on (--rounds=5 --secs=4 --rate=1000).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { REPOSITORY } from './lib/repository.mjs';

const tools = install(REPOSITORY, { tools: false, sentence: 'Installing what the server needs …' });
install(join(REPOSITORY, 'bench'), { tools: true, sentence: 'Installing what bench/ needs …' });
build(REPOSITORY, { tests: tools, sentence: 'Building …' });
await import(pathToFileURL(join(REPOSITORY, 'bench', 'run.mjs')).href);
