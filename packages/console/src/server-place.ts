/** Where the page came from: `http://host:port`, with the prefix that a proxy put before it and without a slash at its end. */
export const placeOfServer = (): string => new URL('.', document.baseURI).href.replace(/\/+$/, '');
