// The trees that a proof climbs: Merkle-Patricia tries and binary trees over a count.
// Needs proof-bytes.js.
"use strict";

var proofTrees = (() => {
  const { need, same, keccak, tagged, decode } = proofBytes;

  // Merkle-Patricia tries: the nodes of one path, and no other

  const nibbles = (data) => {
    const found = [];
    for (const byte of data) found.push(byte >> 4, byte & 15);
    return found;
  };
  const proveInTrie = (nodes, key) => {
    let used = 0;
    const take = (digest) => {
      const node = nodes[used++];
      need(node && same(keccak(node), digest), "a node is missing, or is not the one that the node above names");
      return decode(node);
    };
    const root = keccak(nodes[0]), path = nibbles(key);
    let node = take(root), value = null;
    while (value === null) {
      need(Array.isArray(node) && (node.length === 17 || node.length === 2), "a node of the trie has neither 2 nor 17 items");
      let child, isValue = false;
      if (node.length === 17) {
        isValue = path.length === 0;
        child = isValue ? node[16] : node[path.shift()];
      } else {
        need(!Array.isArray(node[0]) && node[0].length, "a node of the trie has no path");
        const coded = nibbles(node[0]), flag = coded[0];
        need(flag <= 3 && (flag & 1 || coded[1] === 0), "a node of the trie has a path of no known kind");
        const part = coded.slice(flag & 1 ? 1 : 2);
        isValue = (flag & 2) !== 0;
        const follows = part.every((nibble, n) => nibble === path[n]);
        need(follows && (isValue ? part.length === path.length : part.length > 0), "the key is not in the trie");
        path.splice(0, part.length);
        child = node[1];
      }
      if (isValue) {
        need(!Array.isArray(child) && child.length, "the key has no value in the trie");
        value = child;
      } else if (Array.isArray(child)) {
        node = child;
      } else {
        need(child.length === 32, "the key is not in the trie");
        node = take(child);
      }
    }
    need(used === nodes.length, "there are more nodes than the path has");
    return { root, value };
  };

  // Merkle and sum trees: the shape of a path follows from index and count

  const climb = (index, count, siblings, step) => {
    need(index < count, `no position ${index} among ${count}`);
    let used = 0;
    while (count > 1n) {
      if ((index ^ 1n) < count) {
        need(used < siblings.length, "the proof has too few siblings");
        step(siblings[used++], (index & 1n) === 1n);
      }
      index >>= 1n;
      count = (count + 1n) >> 1n;
    }
    need(used === siblings.length, "the proof has too many siblings");
  };
  const rootOf = (digest, index, count, siblings) => {
    climb(index, count, siblings, (sibling, isRight) => {
      digest = isRight ? tagged(3, sibling, digest) : tagged(3, digest, sibling);
    });
    return digest;
  };
  const merkleRoot = (digests) => {
    let level = digests;
    while (level.length > 1) {
      const above = [];
      for (let n = 0; n < level.length; n += 2) above.push(n + 1 < level.length ? tagged(3, level[n], level[n + 1]) : level[n]);
      level = above;
    }
    return level[0];
  };

  return { proveInTrie, climb, rootOf, merkleRoot };
})();
