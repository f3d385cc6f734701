// Keeps docs/settings.md in step with the settings and limits that there are: `node scripts/settings-table.mjs --check` (also when
// nothing is said), or `--write`. Needs a build. What is said about each is in lib/setting-notes.mjs.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';
import { LIMIT_NOTES, SETTING_NOTES } from './lib/setting-notes.mjs';

const FILES = ['docs/settings.md'];
const MS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
];

/** One line for each setting or limit without a sentence, each sentence without one, and each table that is not the code's own. */
export async function checkSettingsTable(root, { variables, limits, notes = SETTING_NOTES, limitNotes = LIMIT_NOTES, write = false } = {}) {
  const settings = variables ?? (await compiled('server/dist/environment.js')).VARIABLES;
  const bounds = limits ?? (await compiled('server/dist/config.js')).LIMITS;
  const problems = [
    ...unmatched(settings, notes, 'setting', 'SETTING_NOTES: say when somebody changes'),
    ...unmatched(bounds, limitNotes, 'limit', 'LIMIT_NOTES: say what is bounded by'),
  ];
  if (problems.length > 0) return problems;
  const parts = [
    { name: 'settings-table', files: FILES, text: settingTables(settings, notes), what: 'table of settings' },
    { name: 'limits-table', files: FILES, text: limitTable(bounds, limitNotes), what: 'table of limits' },
  ];
  return generatedBlocks(root, parts, { script: 'scripts/settings-table.mjs', write });
}

function unmatched(things, notes, kind, plea) {
  const noted = Object.assign({}, ...Object.values(notes));
  const without = Object.keys(things).filter((name) => !(name in noted));
  const left = Object.keys(noted).filter((name) => !(name in things));
  return [
    ...without.map((name) => `scripts/lib/setting-notes.mjs: ${plea} ${name}`),
    ...left.map((name) => `scripts/lib/setting-notes.mjs: there is no ${kind} ${name}`),
  ];
}

function settingTables(settings, notes) {
  const tables = Object.entries(notes).map(([subject, noted]) => {
    const lines = Object.entries(noted).map(([name, when]) => {
      const { help, fallback, shown } = settings[name];
      const standard = shown ?? (fallback === undefined ? 'not set' : `\`${fallback}\``);
      return `| \`${name}\` | ${cell(help)} | ${cell(standard)} | ${when} |`;
    });
    return [`### ${subject}`, '', '| setting | what it is | default | when to change it |', '|---|---|---|---|', ...lines].join('\n');
  });
  return tables.join('\n\n');
}

function limitTable(limits, notes) {
  const lines = Object.entries(notes).flatMap(([subject, noted]) =>
    Object.entries(noted).map(
      ([name, bounded], index) => `| ${index === 0 ? subject : ''} | ${bounded} | ${withUnit(name, limits[name])} | \`${name}\` |`,
    ),
  );
  return ['| | limit | value | in the code |', '|---|---|---|---|', ...lines].join('\n');
}

/** The unit is the end of the name. */
export function withUnit(name, value) {
  if (name.endsWith('Ms')) {
    const [size, unit] = MS.find(([least]) => value >= least && value % least === 0) ?? [1, 'ms'];
    return `${number(value / size)} ${unit}`;
  }
  if (name.endsWith('Bytes')) {
    if (value % 1_048_576 === 0) return `${value / 1_048_576} MiB`;
    return value % 1_024 === 0 ? `${value / 1_024} KiB` : `${number(value)} bytes`;
  }
  return number(value);
}

const number = (value) => value.toLocaleString('en-US');
const cell = (text) => String(text).replaceAll('|', '\\|');

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkSettingsTable(root, { write: asked === '--write' }));
