import { hash as digest, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const KEY_PREFIX = 'bck_';
/** 62^43 is above 2^256, 62^6 above 2^32. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const KEY = new RegExp(`^${KEY_PREFIX}([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECK_LENGTH}})$`);

/**
 * A new API key: `bck_`, 256 random bits, and a checksum (CRC-32 of what stands before it). Whoever searches texts for leaked
 * secrets can tell one from chance by prefix and checksum, without asking this server.
 */
export function newApiKey(): string {
  const secret = KEY_PREFIX + base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  return secret + checkOf(secret);
}

/** True for what this version could have made. Keys from elsewhere are known by their hash alone and need not look like this. */
export function isApiKey(text: string): boolean {
  const check = KEY.exec(text)?.[2];
  return check !== undefined && check === checkOf(text.slice(0, -CHECK_LENGTH));
}

/** What is stored of a key: SHA-256, hex. */
export const hashKey = (key: string): string => digest('sha256', key);

/** What a person tells keys apart by. */
export const lastFour = (key: string): string => key.slice(-4);

const checkOf = (text: string): string => base62(BigInt(crc32(text)), CHECK_LENGTH);

function base62(value: bigint, length: number): string {
  let [rest, text] = [value, ''];
  for (let i = 0; i < length; i++, rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text;
}
