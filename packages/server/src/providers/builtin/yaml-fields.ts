import { isMap, isScalar, isSeq, type Node } from 'yaml';

type Fail = (problem: string, offset?: number) => never;

/** One value of a YAML file that knows where it stands. Whatever is of another kind than asked for fails there. */
export class Field {
  readonly offset: number | undefined;

  constructor(
    private readonly node: unknown,
    private readonly name: string,
    private readonly fail: Fail,
    offset?: number,
  ) {
    this.offset = (node as Partial<Node> | null)?.range?.[0] ?? offset; // any node has a range, null has none
  }

  /** A text, or what YAML takes for another kind of scalar. */
  text(): string {
    if (!isScalar(this.node) || this.node.value === null) return this.fail(`${this.name} must be a text`, this.offset);
    return String(this.node.value).trim();
  }

  isFlag(): boolean {
    return isScalar(this.node) && typeof this.node.value === 'boolean';
  }

  flag(): boolean {
    if (!isScalar(this.node) || typeof this.node.value !== 'boolean') return this.fail(`${this.name} must be true or false`, this.offset);
    return this.node.value;
  }

  /** A number from 0 on. */
  amount(): number {
    const value = isScalar(this.node) ? this.node.value : undefined;
    if (typeof value !== 'number' || !(value >= 0)) return this.fail(`${this.name} must be a number from 0 on`, this.offset);
    return value;
  }

  /** The members of a list; a single value is a list of one. */
  items(): Field[] {
    const members = isSeq(this.node) ? this.node.items : [this.node];
    return members.map((member) => new Field(member, this.name, this.fail, this.offset));
  }

  texts(): string[] {
    return this.items().map((item) => item.text());
  }

  entries(): [string, Field][] {
    if (!isMap(this.node)) return this.fail(`${this.name} must hold fields, as in "name: value"`, this.offset);
    return this.node.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      return [name, new Field(value, `"${name}"`, this.fail, (key as Partial<Node> | null)?.range?.[0])]; // a key is a node
    });
  }

  /** Those of `names` that are there; a field of any other name is a typing error, so it fails. */
  fields<Name extends string>(owner: string, names: readonly Name[], fail: Fail): Partial<Record<Name, Field>> {
    const found: Partial<Record<Name, Field>> = {};
    for (const [key, value] of this.entries()) {
      const name = names.find((one) => one === key);
      if (name === undefined) return fail(`${owner} has no field "${key}"; it may have ${names.join(', ')}`, value.offset);
      found[name] = value;
    }
    return found;
  }
}

export function readFields<Name extends string>(
  node: unknown,
  owner: string,
  names: readonly Name[],
  fail: Fail,
): Partial<Record<Name, Field>> {
  return new Field(node, owner, fail).fields(owner, names, fail);
}
