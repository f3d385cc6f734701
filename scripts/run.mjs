// `npm run workspace` and others: a program of the server besides `main`. Only syntax that old Nodes can read, as in start.mjs.
import { nodeTooOld } from './lib/node-version.mjs';

const [program, ...given] = process.argv.slice(2);
const problem = nodeTooOld(process.versions.node, `npm run ${program}`);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  process.argv.splice(2, process.argv.length, ...given);
  import('./lib/start-program.mjs').then(
    (module) => module.startProgram(program),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
