// `npm run demo`: a tour in the terminal. Only syntax that old Nodes can read, as in start.mjs.
import { nodeTooOld } from './lib/node-version.mjs';

const problem = nodeTooOld(process.versions.node, 'npm run demo');
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  import('./lib/demo.mjs').then(
    (module) => module.demo(process.argv.slice(2)),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
