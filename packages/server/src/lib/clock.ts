/** Time as the house uses it: wall time for people, monotonic time for durations, alarms on the monotonic one. */
export interface Clock {
  /** Milliseconds since 1970 on the server's wall clock; may step. */
  wall(): number;
  /** Milliseconds on a clock that never steps, and in which time that our own loop stood still does not pass. */
  mono(): number;
  /**
   * Calls `ring` once, when `mono()` has reached `at` or a little before: whoever is woken looks again.
   * Returns what takes the alarm back.
   */
  alarm(at: number, ring: () => void): () => void;
}
