// `npm start`. Only syntax that old Nodes can read, so that they get a sentence and no syntax error; the rest is imported after the check.
import { nodeTooOld } from './lib/node-version.mjs';

const problem = nodeTooOld(process.versions.node, 'npm start');
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  import('./lib/start-program.mjs').then(
    (module) => module.startProgram('main'),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
