// Random numbers that Python repeats to the digit: Philox4x32-10, addressed by counter (tabbench/ranking/portable.py).
// Source: Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", section 4.3.

export const TASKS = 1;
export const SIGNS = 4;

/**
 * High 32 bits of the product of two 32-bit numbers.
 * @param {number} a
 * @param {number} b
 */
function high(a, b) {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536);
}

/**
 * The first words of the first rounds of a stream, round after round.
 * @param {number} seed 0 ≤ seed < 2**53
 * @param {number} stream
 * @param {number} nRounds
 * @param {number} nWords a round
 * @returns {Uint32Array}
 */
export function randomWords(seed, stream, nRounds, nWords) {
  const words = new Uint32Array(nRounds * nWords);
  const keyLow = seed >>> 0;
  const keyHigh = Math.floor(seed / 2 ** 32) >>> 0;
  for (let round = 0; round < nRounds; round++) {
    for (let first = 0; first < nWords; first += 4) {
      let [c0, c1, c2, c3] = [first / 4, round, stream, 0];
      let [k0, k1] = [keyLow, keyHigh];
      for (let turn = 0; turn < 10; turn++) {
        const aHigh = high(0xd2511f53, c0);
        const bHigh = high(0xcd9e8d57, c2);
        const aLow = Math.imul(0xd2511f53, c0) >>> 0;
        const bLow = Math.imul(0xcd9e8d57, c2) >>> 0;
        c0 = (bHigh ^ c1 ^ k0) >>> 0;
        c1 = bLow;
        c2 = (aHigh ^ c3 ^ k1) >>> 0;
        c3 = aLow;
        k0 = (k0 + 0x9e3779b9) >>> 0;
        k1 = (k1 + 0xbb67ae85) >>> 0;
      }
      const at = round * nWords + first;
      const left = nWords - first;
      words[at] = c0;
      if (left > 1) words[at + 1] = c1;
      if (left > 2) words[at + 2] = c2;
      if (left > 3) words[at + 3] = c3;
    }
  }
  return words;
}

/**
 * A whole number 0..below-1: floor(word × below / 2³²); exact while below < 2²¹.
 * @param {number} word
 * @param {number} below
 */
export function integer(word, below) {
  return Math.floor((word * below) / 2 ** 32);
}
