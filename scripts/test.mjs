// `npm test`. Only syntax that old Nodes can read, as in start.mjs.
import { nodeTooOld } from './lib/node-version.mjs';

const problem = nodeTooOld(process.versions.node, 'npm test');
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  import('./lib/run-everything.mjs').then(
    (module) => module.runEverything(process.argv.slice(2)),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
