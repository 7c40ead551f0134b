// Keccak-256 as Ethereum uses it: the permutation of FIPS 202, padding that starts with 0x01.
// Written out without loops, arrays or BigInt within a round, since a page that hashes some hundred
// times just after it was opened runs uncompiled: a third of the time of a general library there.
"use strict";

var proofKeccak = (() => {
  const RATE = 136, DIGEST = 32, ROUNDS = 24;

  // Iota's constants (FIPS 202, 3.2.5) as pairs of the lower and the upper half.
  const ROUND = new Int32Array(2 * ROUNDS);
  for (let round = 0, state = 1; round < ROUNDS; round += 1) {
    for (let power = 0; power < 7; power += 1) {
      const bit = (1 << power) - 1;
      if (state & 1) ROUND[2 * round + (bit >> 5)] ^= 1 << (bit & 31);
      state = state & 0x80 ? (state << 1) ^ 0x171 : state << 1;
    }
  }

  // Theta with rho and pi, then chi with iota (3.2.1 to 3.2.5), on 25 lanes of two halves each.
  const permute = (s) => {
    let a0l = s[0], a0h = s[1], a1l = s[2], a1h = s[3], a2l = s[4], a2h = s[5], a3l = s[6], a3h = s[7], a4l = s[8], a4h = s[9];
    let a5l = s[10], a5h = s[11], a6l = s[12], a6h = s[13], a7l = s[14], a7h = s[15], a8l = s[16], a8h = s[17], a9l = s[18], a9h = s[19];
    let a10l = s[20], a10h = s[21], a11l = s[22], a11h = s[23], a12l = s[24], a12h = s[25], a13l = s[26], a13h = s[27], a14l = s[28], a14h = s[29];
    let a15l = s[30], a15h = s[31], a16l = s[32], a16h = s[33], a17l = s[34], a17h = s[35], a18l = s[36], a18h = s[37], a19l = s[38], a19h = s[39];
    let a20l = s[40], a20h = s[41], a21l = s[42], a21h = s[43], a22l = s[44], a22h = s[45], a23l = s[46], a23h = s[47], a24l = s[48], a24h = s[49];
    let tl, th, dl, dh, c0l, c0h, c1l, c1h, c2l, c2h, c3l, c3h, c4l, c4h;
    let b0l, b0h, b1l, b1h, b2l, b2h, b3l, b3h, b4l, b4h;
    let b5l, b5h, b6l, b6h, b7l, b7h, b8l, b8h, b9l, b9h;
    let b10l, b10h, b11l, b11h, b12l, b12h, b13l, b13h, b14l, b14h;
    let b15l, b15h, b16l, b16h, b17l, b17h, b18l, b18h, b19l, b19h;
    let b20l, b20h, b21l, b21h, b22l, b22h, b23l, b23h, b24l, b24h;
    for (let round = 0; round < ROUNDS; round += 1) {
      c0l = a0l ^ a5l ^ a10l ^ a15l ^ a20l;
      c0h = a0h ^ a5h ^ a10h ^ a15h ^ a20h;
      c1l = a1l ^ a6l ^ a11l ^ a16l ^ a21l;
      c1h = a1h ^ a6h ^ a11h ^ a16h ^ a21h;
      c2l = a2l ^ a7l ^ a12l ^ a17l ^ a22l;
      c2h = a2h ^ a7h ^ a12h ^ a17h ^ a22h;
      c3l = a3l ^ a8l ^ a13l ^ a18l ^ a23l;
      c3h = a3h ^ a8h ^ a13h ^ a18h ^ a23h;
      c4l = a4l ^ a9l ^ a14l ^ a19l ^ a24l;
      c4h = a4h ^ a9h ^ a14h ^ a19h ^ a24h;
      dl = c4l ^ (c1l << 1 | c1h >>> 31); dh = c4h ^ (c1h << 1 | c1l >>> 31);
      b0l = a0l ^ dl; b0h = a0h ^ dh;
      tl = a5l ^ dl; th = a5h ^ dh; b16l = th << 4 | tl >>> 28; b16h = tl << 4 | th >>> 28;
      tl = a10l ^ dl; th = a10h ^ dh; b7l = tl << 3 | th >>> 29; b7h = th << 3 | tl >>> 29;
      tl = a15l ^ dl; th = a15h ^ dh; b23l = th << 9 | tl >>> 23; b23h = tl << 9 | th >>> 23;
      tl = a20l ^ dl; th = a20h ^ dh; b14l = tl << 18 | th >>> 14; b14h = th << 18 | tl >>> 14;
      dl = c0l ^ (c2l << 1 | c2h >>> 31); dh = c0h ^ (c2h << 1 | c2l >>> 31);
      tl = a1l ^ dl; th = a1h ^ dh; b10l = tl << 1 | th >>> 31; b10h = th << 1 | tl >>> 31;
      tl = a6l ^ dl; th = a6h ^ dh; b1l = th << 12 | tl >>> 20; b1h = tl << 12 | th >>> 20;
      tl = a11l ^ dl; th = a11h ^ dh; b17l = tl << 10 | th >>> 22; b17h = th << 10 | tl >>> 22;
      tl = a16l ^ dl; th = a16h ^ dh; b8l = th << 13 | tl >>> 19; b8h = tl << 13 | th >>> 19;
      tl = a21l ^ dl; th = a21h ^ dh; b24l = tl << 2 | th >>> 30; b24h = th << 2 | tl >>> 30;
      dl = c1l ^ (c3l << 1 | c3h >>> 31); dh = c1h ^ (c3h << 1 | c3l >>> 31);
      tl = a2l ^ dl; th = a2h ^ dh; b20l = th << 30 | tl >>> 2; b20h = tl << 30 | th >>> 2;
      tl = a7l ^ dl; th = a7h ^ dh; b11l = tl << 6 | th >>> 26; b11h = th << 6 | tl >>> 26;
      tl = a12l ^ dl; th = a12h ^ dh; b2l = th << 11 | tl >>> 21; b2h = tl << 11 | th >>> 21;
      tl = a17l ^ dl; th = a17h ^ dh; b18l = tl << 15 | th >>> 17; b18h = th << 15 | tl >>> 17;
      tl = a22l ^ dl; th = a22h ^ dh; b9l = th << 29 | tl >>> 3; b9h = tl << 29 | th >>> 3;
      dl = c2l ^ (c4l << 1 | c4h >>> 31); dh = c2h ^ (c4h << 1 | c4l >>> 31);
      tl = a3l ^ dl; th = a3h ^ dh; b5l = tl << 28 | th >>> 4; b5h = th << 28 | tl >>> 4;
      tl = a8l ^ dl; th = a8h ^ dh; b21l = th << 23 | tl >>> 9; b21h = tl << 23 | th >>> 9;
      tl = a13l ^ dl; th = a13h ^ dh; b12l = tl << 25 | th >>> 7; b12h = th << 25 | tl >>> 7;
      tl = a18l ^ dl; th = a18h ^ dh; b3l = tl << 21 | th >>> 11; b3h = th << 21 | tl >>> 11;
      tl = a23l ^ dl; th = a23h ^ dh; b19l = th << 24 | tl >>> 8; b19h = tl << 24 | th >>> 8;
      dl = c3l ^ (c0l << 1 | c0h >>> 31); dh = c3h ^ (c0h << 1 | c0l >>> 31);
      tl = a4l ^ dl; th = a4h ^ dh; b15l = tl << 27 | th >>> 5; b15h = th << 27 | tl >>> 5;
      tl = a9l ^ dl; th = a9h ^ dh; b6l = tl << 20 | th >>> 12; b6h = th << 20 | tl >>> 12;
      tl = a14l ^ dl; th = a14h ^ dh; b22l = th << 7 | tl >>> 25; b22h = tl << 7 | th >>> 25;
      tl = a19l ^ dl; th = a19h ^ dh; b13l = tl << 8 | th >>> 24; b13h = th << 8 | tl >>> 24;
      tl = a24l ^ dl; th = a24h ^ dh; b4l = tl << 14 | th >>> 18; b4h = th << 14 | tl >>> 18;
      a0l = b0l ^ (~b1l & b2l) ^ ROUND[2 * round]; a0h = b0h ^ (~b1h & b2h) ^ ROUND[2 * round + 1];
      a1l = b1l ^ (~b2l & b3l); a1h = b1h ^ (~b2h & b3h);
      a2l = b2l ^ (~b3l & b4l); a2h = b2h ^ (~b3h & b4h);
      a3l = b3l ^ (~b4l & b0l); a3h = b3h ^ (~b4h & b0h);
      a4l = b4l ^ (~b0l & b1l); a4h = b4h ^ (~b0h & b1h);
      a5l = b5l ^ (~b6l & b7l); a5h = b5h ^ (~b6h & b7h);
      a6l = b6l ^ (~b7l & b8l); a6h = b6h ^ (~b7h & b8h);
      a7l = b7l ^ (~b8l & b9l); a7h = b7h ^ (~b8h & b9h);
      a8l = b8l ^ (~b9l & b5l); a8h = b8h ^ (~b9h & b5h);
      a9l = b9l ^ (~b5l & b6l); a9h = b9h ^ (~b5h & b6h);
      a10l = b10l ^ (~b11l & b12l); a10h = b10h ^ (~b11h & b12h);
      a11l = b11l ^ (~b12l & b13l); a11h = b11h ^ (~b12h & b13h);
      a12l = b12l ^ (~b13l & b14l); a12h = b12h ^ (~b13h & b14h);
      a13l = b13l ^ (~b14l & b10l); a13h = b13h ^ (~b14h & b10h);
      a14l = b14l ^ (~b10l & b11l); a14h = b14h ^ (~b10h & b11h);
      a15l = b15l ^ (~b16l & b17l); a15h = b15h ^ (~b16h & b17h);
      a16l = b16l ^ (~b17l & b18l); a16h = b16h ^ (~b17h & b18h);
      a17l = b17l ^ (~b18l & b19l); a17h = b17h ^ (~b18h & b19h);
      a18l = b18l ^ (~b19l & b15l); a18h = b18h ^ (~b19h & b15h);
      a19l = b19l ^ (~b15l & b16l); a19h = b19h ^ (~b15h & b16h);
      a20l = b20l ^ (~b21l & b22l); a20h = b20h ^ (~b21h & b22h);
      a21l = b21l ^ (~b22l & b23l); a21h = b21h ^ (~b22h & b23h);
      a22l = b22l ^ (~b23l & b24l); a22h = b22h ^ (~b23h & b24h);
      a23l = b23l ^ (~b24l & b20l); a23h = b23h ^ (~b24h & b20h);
      a24l = b24l ^ (~b20l & b21l); a24h = b24h ^ (~b20h & b21h);
    }
    s[0] = a0l; s[1] = a0h; s[2] = a1l; s[3] = a1h; s[4] = a2l; s[5] = a2h; s[6] = a3l; s[7] = a3h; s[8] = a4l; s[9] = a4h;
    s[10] = a5l; s[11] = a5h; s[12] = a6l; s[13] = a6h; s[14] = a7l; s[15] = a7h; s[16] = a8l; s[17] = a8h; s[18] = a9l; s[19] = a9h;
    s[20] = a10l; s[21] = a10h; s[22] = a11l; s[23] = a11h; s[24] = a12l; s[25] = a12h; s[26] = a13l; s[27] = a13h; s[28] = a14l; s[29] = a14h;
    s[30] = a15l; s[31] = a15h; s[32] = a16l; s[33] = a16h; s[34] = a17l; s[35] = a17h; s[36] = a18l; s[37] = a18h; s[38] = a19l; s[39] = a19h;
    s[40] = a20l; s[41] = a20h; s[42] = a21l; s[43] = a21h; s[44] = a22l; s[45] = a22h; s[46] = a23l; s[47] = a23h; s[48] = a24l; s[49] = a24h;
  };

  const absorb = (state, data, at) => {
    for (let n = 0, byte = at; n < RATE / 4; n += 1, byte += 4) {
      state[n] ^= data[byte] | data[byte + 1] << 8 | data[byte + 2] << 16 | data[byte + 3] << 24;
    }
    permute(state);
  };

  // The 32 bytes of some bytes.
  const keccak256 = (data) => {
    const state = new Int32Array(50), last = new Uint8Array(RATE);
    let at = 0;
    for (; at + RATE <= data.length; at += RATE) absorb(state, data, at);
    last.set(data.subarray(at));
    last[data.length - at] = 0x01;
    last[RATE - 1] |= 0x80;
    absorb(state, last, 0);
    const digest = new Uint8Array(DIGEST);
    for (let n = 0; n < DIGEST; n += 1) digest[n] = state[n >> 2] >>> 8 * (n & 3);
    return digest;
  };

  return { keccak256 };
})();
