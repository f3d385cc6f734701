import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withTree } from './lib/temporary-tree.mjs';
import { checkMetricsTable } from './metrics-table.mjs';

const exposition = '# HELP x_total How often.\n# TYPE x_total counter\nx_total 3\n# HELP y Now.\n# TYPE y gauge\ny 1\n';
const page = '# Well\n\n<!-- metrics-table -->\n| old |\n<!-- /metrics-table -->\n';

it('finds a list that is not the served one, and writes it', async () => {
  await withTree({ 'docs/self-hosting.md': page }, async (root) => {
    expect(await checkMetricsTable(root, { exposition })).toEqual([expect.stringMatching(/list of metrics is not the code's/)]);
    expect(await checkMetricsTable(root, { exposition, write: true })).toEqual([]);
    expect(await checkMetricsTable(root, { exposition })).toEqual([]);
    expect(readFileSync(join(root, 'docs/self-hosting.md'), 'utf8')).toContain(
      '| `x_total` | counter | How often. |\n| `y` | gauge | Now. |\n',
    );
  });
});
