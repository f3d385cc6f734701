/** What one client may send in the long run. */
export type PaceRates = {
  /** Frames a second; audio does not count as frames, pings and pongs do. */
  readonly framesPerSec: number;
  /** Bytes of frames a second, audio too. */
  readonly bytesPerSec: number;
};

/** Two seconds' frames may come at once: 60 at 30 a second. */
const FRAMES_AHEAD_MS = 2_000;
/** Sixteen seconds' bytes may come at once, 1 MiB at 64 KiB a second: four of the longest frames, or sixty of the longest texts. */
const BYTES_AHEAD_MS = 16_000;
/** Far above what adding intervals loses. */
const ROUNDING_MS = 1e-3;
/** Of an audio frame, however short: half a second of silence in tiny frames is no flood, thousands of them are. */
const LEAST_AUDIO_BYTES = 512;

const AUDIO = Buffer.from('{"user_audio_chunk"');

/** True for what every official client sends as audio. Whatever else holds audio counts as a frame, which harms nobody. */
export const looksLikeAudio = (data: Buffer): boolean => data.subarray(0, AUDIO.length).equals(AUDIO);

/** Two token buckets, each kept as the time at which it would be full again, on the caller's clock in milliseconds. */
export class FramePace {
  private framesFullAt = 0;
  private bytesFullAt = 0;

  /** Takes what has come already; what goes beyond the buckets has to be waited for, see `behindMs`. */
  took(rates: PaceRates, now: number, bytes: number, audio: boolean): void {
    const counted = audio ? Math.max(bytes, LEAST_AUDIO_BYTES) : bytes;
    this.bytesFullAt = Math.max(this.bytesFullAt, now) + (counted * 1_000) / rates.bytesPerSec;
    if (!audio) this.framesFullAt = Math.max(this.framesFullAt, now) + 1_000 / rates.framesPerSec;
  }

  /** Milliseconds for which nothing more may be read; 0: read on. */
  behindMs(now: number): number {
    const ahead = Math.max(this.framesFullAt - now - FRAMES_AHEAD_MS, this.bytesFullAt - now - BYTES_AHEAD_MS);
    return ahead < ROUNDING_MS ? 0 : ahead;
  }
}
