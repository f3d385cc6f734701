/** `npm run prove` asks for the full counts; everybody else gets enough of them to notice a fault soon. */
export const PROVE = process.env.BACKCHANNEL_PROVE === '1';

/** `few` in everyday runs, `all` in a proof. */
export const count = (few: number, all: number): number => (PROVE ? all : few);
