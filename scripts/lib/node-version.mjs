// Only syntax that old Nodes can read: this file is what tells them that they are too old.

const NEEDED = [20, 19];

/**
 * One sentence with the fix when `version` (like `process.versions.node`) cannot run this project, otherwise an empty string.
 */
export function nodeTooOld(version, command) {
  const parts = version.split('.').map(Number);
  if (parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])) return '';
  return (
    'Backchannel needs Node ' +
    NEEDED.join('.') +
    ' or newer and this is Node ' +
    version +
    ': install a current one from https://nodejs.org (or with "nvm install 24"), then run "' +
    command +
    '" again.'
  );
}
