import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const END = '--end-of-block--';

/** One terminal, as a reader has it: a bash in which block after block is pasted, so that variables live on. */
export function shellSession({ cwd, env, scratch }) {
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  let heard = () => {};
  const hear = (chunk) => {
    output += chunk;
    heard();
  };
  bash.stdout.setEncoding('utf8').on('data', hear);
  bash.stderr.setEncoding('utf8').on('data', hear);
  let open = true;
  bash.once('exit', () => {
    open = false;
    hear(`\n(the shell ended)\n${END} gone\n`);
  });
  bash.stdin.on('error', () => {}); // the shell is gone: its exit, above, tells the waiting block
  bash.stdin.write('exec 2>&1\n'); // one stream, in the order in which a reader would see it
  let count = 0;

  /** Pastes `text`; answers `{ ok, output }` when it is done, or after `limitMs`. */
  function paste(text, limitMs) {
    if (!open) return Promise.resolve({ ok: false, output: '(an earlier block ended the shell)' });
    output = '';
    count += 1;
    const path = join(scratch, `block-${count}.sh`);
    writeFileSync(path, text);
    const end = new RegExp(`\\n${END} (.*)\\n`);
    return new Promise((resolve) => {
      const limit = setTimeout(() => resolve({ ok: false, output: `${output}\n(still running after ${limitMs / 1000} s)` }), limitMs);
      heard = () => {
        const ended = end.exec(output);
        if (!ended) return;
        clearTimeout(limit);
        resolve({ ok: ended[1] === '0', output: output.slice(0, ended.index) });
      };
      bash.stdin.write(`. '${path}'; printf '\\n${END} %s\\n' "$?"\n`);
    });
  }

  function close() {
    try {
      process.kill(-bash.pid, 'SIGKILL'); // the shell and whatever a block left running in it
    } catch {
      // it has ended by itself
    }
  }

  return { paste, close };
}
