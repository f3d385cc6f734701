/** What a version of a client has no interface for; `message` says what is missing. Not a failure, and no tick either. */
export class NoWay extends Error {}
