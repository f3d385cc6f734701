import { demoServer } from './demo-server.mjs';
import { prepareServer } from './start-program.mjs';

const USAGE = `npm run demo            a tour in the terminal, half a minute long
npm run demo -- --fast  the same without pauses`;

/** The tour against the server that runs here, or one of its own that ends with it. */
export async function demo(args) {
  if (args.some((arg) => arg !== '--fast')) {
    console.log(USAGE);
    process.exitCode = args.includes('--help') ? 0 : 1;
    return;
  }
  if (!prepareServer({ page: false })) return;
  const { tour } = await import('./demo-tour.mjs'); // only now: what it uses has just been installed
  const server = await demoServer();
  try {
    await tour(server, { fast: args.includes('--fast') });
  } catch (error) {
    console.error(`\nThe tour broke off: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await server.stop();
  }
}
